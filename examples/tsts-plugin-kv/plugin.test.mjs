import { test } from 'node:test'
import { checkPlugin } from 'tsts/plugin-test'
import { plugin } from './plugin.mjs'

const get = '<kv command="get" key="a"/>'

test('it keeps the rules of plugins', () => {
  checkPlugin(plugin, [
    {
      name: 'a login, then a value with a line feed in it',
      xml: get,
      sent: 'LOGIN user1 secret\n',
      answer: 'OK\nDATA 3\n1\n2',
      progress: 'done',
      replies: 'GET a\n',
      content: '1\n2',
      counters: { kv_bytes: 3 },
      steps: [
        {
          type: 'request',
          xml: '<kv command="watch" key="b"/>',
          sent: 'WATCH b\n',
          answer: 'OK\n',
          progress: 'done',
          counters: {},
        },
        {
          type: 'push',
          bytes: 'PUSH b 2\n\0\n',
          progress: 'more',
          goesOn: true,
          counters: { kv_pushed: 1 },
        },
        { type: 'request', xml: get, answer: 'NONE\n', progress: 'done', counters: {} },
      ],
    },
    {
      name: 'variables',
      xml: '<kv command="put" key="%%_key%%" value="%%_value%%"/>',
      optionsXml: '<option type="ts_kv" name="kv_password" value="hush"/>',
      variables: { key: 'a', value: 'tea' },
      sent: 'LOGIN user1 hush\n',
      answer: 'OK\nOK\n',
      progress: 'done',
      replies: 'PUT a 3\ntea',
      counters: {},
      steps: [],
    },
    {
      name: 'a login that is refused',
      xml: get,
      answer: 'NO wrong password\n',
      progress: 'failed',
      failure: 'error_kv_login',
      replies: '',
      counters: {},
    },
    {
      name: 'a request that is refused',
      xml: get,
      answer: 'OK\nNO\n',
      progress: 'failed',
      failure: 'error_kv_refused',
      counters: {},
    },
    {
      name: 'half a value, then a close',
      xml: get,
      answer: 'OK\nDATA 100\nabc',
      closes: true,
      progress: 'more',
      counters: {},
    },
  ])
})
