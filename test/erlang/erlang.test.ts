import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileEval } from '../../core/erlang/eval.ts'
import { environment } from './environment.ts'
import { expressions } from './expressions.ts'

const golden = new URL('../golden/erlang.json', import.meta.url)

/** What the user of the test knows, for Erlang and for us. */
const erlangVariables =
  '[{tsung_userid,17},{token,"a b&c"},{list,["x","y"]},{number,"21"},{bin,<<"bin">>}]'
const variables = { token: 'a b&c', list: ['x', 'y'], number: '21', bin: 'bin' }

/** The code says what came of the expression, in Erlang's own words. */
function told(expression: string): string {
  const body = `try begin ${expression} end of R__ -> {value, R__} catch C__:E__ -> {C__, E__} end`
  return `fun({Pid, DynVars}) -> lists:flatten(io_lib:format("~w", [${body}])) end.`
}

const all = Object.values(expressions).flat()

if (process.env['UPDATE_GOLDEN'] === '1') record()
const results = JSON.parse(readFileSync(golden, 'utf8')) as { readonly [code: string]: string }

describe('Erlang code says what Erlang says', () => {
  for (const [about, list] of Object.entries(expressions)) {
    describe(about, () => {
      for (const expression of list) {
        it(expression, () => {
          const compiled = compileEval(told(expression))
          assert.ok('call' in compiled, JSON.stringify(compiled))
          const failures: string[] = []
          const value = compiled.call(environment(variables, failures))
          assert.deepEqual([value, failures], [results[expression], []])
        })
      }
    })
  }

  it('of every expression of the table, and of no other', () => {
    assert.deepEqual(Object.keys(results).sort(), [...new Set(all)].sort())
    assert.ok(all.length > 150)
  })
})

/** Asks Erlang, with Tsung's modules in its path. */
function record(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-erlang-'))
  try {
    const codes = join(folder, 'codes')
    writeFileSync(codes, all.map((code) => Buffer.from(told(code)).toString('base64')).join('\n'))
    const program = `
      {ok, File} = file:read_file("${codes}"),
      DynVars = ${erlangVariables},
      lists:foreach(fun(Line) ->
        {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(base64:decode(Line))),
        Told = case erl_parse:parse_exprs(Tokens) of
          {ok, Exprs} ->
            {value, Fun, _} = erl_eval:exprs(Exprs, []),
            Fun({self(), DynVars});
          {error, _} -> "no Erlang"
        end,
        io:format("~s~n", [base64:encode(unicode:characters_to_binary(Told))])
      end, binary:split(File, <<"\\n">>, [global])),
      halt().`
    const args = ['-noshell', '-pa', tsungModules(), '-eval', program]
    const { stdout, stderr } = spawnSync('erl', args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
    })
    const lines = stdout.trim().split('\n')
    assert.equal(lines.length, all.length, stderr + stdout.slice(-2000))
    const decoded = lines.map((line) => Buffer.from(line, 'base64').toString('utf8'))
    const table = Object.fromEntries(all.map((code, at) => [code, decoded[at]]))
    writeFileSync(golden, `${JSON.stringify(table, null, 2)}\n`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The folder of Tsung's compiled modules, `…/tsung/tsung-VERSION/ebin`. */
function tsungModules(): string {
  const paths = readdirSync('/usr/lib', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join('/usr/lib', entry.name, 'tsung'))
  for (const path of paths) {
    try {
      const [version] = readdirSync(path).filter((name) => /^tsung-\d/.test(name))
      if (version !== undefined) return join(path, version, 'ebin')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return assert.fail('Tsung is not installed')
}
