import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { runProgram } from '../../../src/files/compilers/programs.ts'

const sh = (script: string, limit?: number) => runProgram('/bin/sh', ['-c', script], tmpdir(), limit)

it('a program gives what it printed, in English, and how it ended', async () => {
  expect(await sh('echo "$LC_ALL"; echo no >&2; exit 3')).toEqual({ isDone: false, stdout: 'C\n', stderr: 'no\n' })
  expect(await sh('exit 3')).toEqual({ isDone: false, stdout: '', stderr: 'it ended with 3' })
  expect(await sh('kill -9 $$')).toMatchObject({ isDone: false, stderr: 'it ended with SIGKILL' })
  expect(await runProgram('/nowhere/clang', [], tmpdir())).toMatchObject({ isDone: false, stderr: expect.stringContaining('ENOENT') })
})

it('a program that hangs is ended, with what it started', async () => {
  const pipe = join(tmpdir(), `bitscript-${process.pid}-hangs`)
  onTestFinished(() => rm(pipe, { force: true }))
  // The child holds the output open, and waits for a writer of the pipe that never comes.
  const result = await sh(`echo so far >&2; mkfifo ${pipe}; trap '' TERM; (cat ${pipe}; echo late > ${pipe}.late) & wait`, 300)
  expect(result).toEqual({ isDone: false, stdout: '', stderr: 'so far\nsh did not end within 0.3 s, so it was ended' })
  expect(existsSync(`${pipe}.late`)).toBe(false)
})
