import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const installed = '/usr/lib/x86_64-linux-gnu/tsung'
const dtd = '/usr/share/tsung/tsung-1.0.dtd'

/** Reads each file of a list with Tsung's own reader, its neighbours replaced by processes that answer anything. */
const program = `-module(reader).
-export([main/0]).
stub() -> receive {'$gen_call', From, _} -> gen_server:reply(From, ok), stub(); _ -> stub() end.
main() ->
  application:load(tsung), application:load(tsung_controller),
  [catch global:register_name(N, spawn(fun stub/0)) || N <- [ts_mon, ts_config_server, ts_file_server, ts_timer,
    ts_user_server, ts_os_mon, ts_job_notify]],
  Set = [{exclude_tag, ""}, {debug_level, 0} | application:get_all_env(tsung_controller)],
  [application:set_env(App, K, V) || {K, V} <- lists:reverse(Set), K =/= log_file, App <- [stdlib, tsung_controller]],
  {ok, List} = file:read_file("list"),
  [one(F) || F <- string:tokens(binary_to_list(List), "\\n")],
  halt().
one(F) ->
  Self = self(),
  {P, R} = spawn_monitor(fun() -> Self ! {read, self(), catch ts_config:read(F, ".")} end),
  Verdict = receive
    {read, P, {ok, _}} -> accepts;
    {read, P, _} -> refuses;
    {'DOWN', R, process, P, _} -> refuses
  after 3000 -> exit(P, kill), refuses end,
  erlang:demonitor(R, [flush]),
  io:format("~nverdict ~s ~s~n", [F, Verdict]).
`

/**
 * Which of the scenarios Tsung 1.7 accepts.
 *
 * @param files what they name, by path
 */
export function tsungAccepts(
  scenarios: readonly string[],
  files: { readonly [path: string]: string },
): readonly boolean[] {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-reader-'))
  try {
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text)
    copyFileSync(dtd, join(folder, 'tsung-1.0.dtd'))
    mkdirSync(join(folder, 'home'))
    writeFileSync(join(folder, 'reader.erl'), program)
    scenarios.forEach((xml, index) => {
      writeFileSync(join(folder, `${index}.xml`), xml)
    })
    writeFileSync(join(folder, 'list'), scenarios.map((_, index) => `${index}.xml`).join('\n'))
    const ebins = ['tsung', 'tsung_controller'].map((name) => join(installed, `${name}-1.7.0/ebin`))
    const { stdout, status } = spawnSync(
      'erl',
      [
        '-noshell',
        '-sname',
        `reader${process.pid}`,
        '-pa',
        ...ebins,
        '-eval',
        'c:c(reader), reader:main().',
      ],
      {
        cwd: folder,
        encoding: 'latin1',
        timeout: 600_000,
        maxBuffer: 2 ** 28,
        env: { ...process.env, HOME: join(folder, 'home') },
      },
    )
    if (status !== 0) throw new Error(`erl ended with ${status}: ${stdout.slice(-500)}`)
    const verdicts = new Map(
      [...stdout.matchAll(/^verdict (\d+)\.xml (\w+)$/gm)].map(([, at, verdict]) => [
        Number(at),
        verdict,
      ]),
    )
    return scenarios.map((xml, index) => {
      const verdict = verdicts.get(index)
      if (verdict === undefined) throw new Error(`Tsung said nothing of ${xml}`)
      return verdict === 'accepts'
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
