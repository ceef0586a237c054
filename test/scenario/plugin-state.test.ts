import assert from 'node:assert/strict'
import { scenarioOf } from './build.ts'

describe('what a plugin remembers', () => {
  it('ends with the session: an absolute URL moves the requests behind it in its own session alone', () => {
    const request = (url: string): string => `<request><http url="${url}"/></request>`
    const { sessions } = scenarioOf({
      sessions: `<session name="a" weight="1" type="ts_http">${request('/1')}${request('http://b.test/')}${request('/2')}</session>
        <session name="b" weight="1" type="ts_http">${request('/3')}</session>`,
    })
    const targets = sessions.flatMap(({ actions }) =>
      actions.map((action) => {
        const { target } = ('data' in action ? action.data : {}) as { readonly target?: unknown }
        return typeof target === 'object' && target !== null ? 'elsewhere' : target
      }),
    )
    assert.deepEqual(targets, ['home', 'elsewhere', null, 'home'])
  })
})
