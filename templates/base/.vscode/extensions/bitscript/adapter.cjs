// VS Code starts this file, and it starts `bitscript dap` of the project that it is in.
const { spawn } = require('node:child_process')
const { dirname, join } = require('node:path')

const project = join(__dirname, '../../..')
const command = join(dirname(require.resolve('bitscript/package.json', { paths: [__dirname] })), 'dist/node/command.js')

function start(node, isLast) {
  const adapter = spawn(node, [command, 'dap'], { cwd: project, stdio: 'inherit' })
  adapter.on('exit', (code) => process.exit(code ?? 1))
  // Without a Node of its own, VS Code's.
  adapter.on('error', () => (isLast ? process.exit(1) : start(process.execPath, true)))
}

start('node', false)
