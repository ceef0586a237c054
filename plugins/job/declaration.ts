import type { PluginDeclaration } from '../api.ts'

/** Source: reference tsung-protocols.md, 16. */
export const jobDeclaration: PluginDeclaration = {
  type: 'ts_job',
  requestElement: 'job',
  doc: 'batch jobs',
  elements: [
    {
      name: 'job',
      parents: ['request'],
      content: 'empty',
      doc: 'asks a batch scheduler for something',
      attributes: {
        type: { type: 'enum', values: ['oar', 'torque'], default: 'oar', doc: 'the scheduler' },
        req: {
          type: 'enum',
          required: true,
          values: ['submit', 'delete', 'stat', 'suspend', 'resume', 'wait_jobs'],
          doc: 'what is asked',
        },
        script: { type: 'string', substitutable: true, doc: 'submit: the command of the job' },
        duration: {
          type: 'string',
          default: '3600',
          substitutable: true,
          doc: 'submit: argument of the script',
        },
        walltime: { type: 'string', default: '1:00:00', doc: 'submit: time the job may take' },
        resources: { type: 'string', default: '', doc: 'submit: what the job needs' },
        nodes: { type: 'string', doc: 'submit: how many machines' },
        queue: { type: 'string', doc: 'submit: the queue' },
        options: { type: 'string', doc: 'submit: more options' },
        user: { type: 'string', substitutable: true, doc: 'submit: as whom' },
        name: { type: 'string', default: 'tsung', substitutable: true, doc: 'submit: its name' },
        jobid: { type: 'string', doc: 'the job' },
        notify_port: { type: 'string', doc: 'submit: where the job tells how it goes' },
        notify_script: { type: 'string', doc: 'submit: what tells it' },
      },
    },
  ],
  options: [],
  counters: [
    { name: 'job_queued', kind: 'sum', isError: false, doc: 'jobs that wait' },
    { name: 'job_running', kind: 'sum', isError: false, doc: 'jobs that run' },
    { name: 'ok_job', kind: 'sum', isError: false, doc: 'jobs that ended well' },
    { name: 'error_job', kind: 'sum', isError: true, doc: 'jobs that failed' },
    {
      name: 'error_job_admission_rule',
      kind: 'sum',
      isError: true,
      doc: 'jobs that were refused',
    },
    { name: 'tr_job_submit', kind: 'sample', isError: false, doc: 'ms to submit a job' },
    { name: 'tr_job_wait', kind: 'sample', isError: false, doc: 'ms that a job waited' },
    { name: 'tr_job_duration', kind: 'sample', isError: false, doc: 'ms that a job ran' },
  ],
  defaults: { persistent: true, bidi: false },
  transports: ['erlang'],
}
