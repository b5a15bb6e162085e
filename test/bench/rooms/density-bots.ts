import { Client, type InputHandle, type Room, registerSerializer } from '@colyseus/sdk'

/** Clients that send an input with each tick, and throw away what they get. */
const [, , port, json] = process.argv
const { ids, version, bots, hz } = JSON.parse(json ?? '{}') as {
  readonly ids: readonly string[]
  readonly version: string
  readonly bots: number
  readonly hz: number
}

class Nothing {
  handshake(bytes: Uint8Array, iterator: { offset: number }): void {
    iterator.offset = bytes.length
  }
  setState(): void {}
  patch(): void {}
  getState(): object {
    return {}
  }
  teardown(): void {}
}
registerSerializer('bitscript', Nothing as never)

const inputs: InputHandle<Record<string, number>>[] = []
const client = new Client(`http://127.0.0.1:${port}`)
for (const id of ids) {
  const rooms = await Promise.all(Array.from({ length: bots }, (): Promise<Room> => client.joinById(id, { version })))
  inputs.push(...rooms.map((room) => room.input<Record<string, number>>({ mode: 'reliable' })))
}
setInterval(() => {
  for (const input of inputs) {
    if (Math.random() < 0.05) Object.assign(input.data, { x: Math.round(Math.random() * 2 - 1), y: Math.round(Math.random() * 2 - 1) })
    input.send()
  }
}, 1000 / hz)
process.send?.({ kind: 'up' })
