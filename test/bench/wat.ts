import wabt from 'wabt'

const assembler = wabt()

/** Assembles a text without bitscript. */
export async function assemble(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const module = (await assembler).parseWat('bench.wat', text)
  try {
    return new Uint8Array(module.toBinary({}).buffer)
  } finally {
    module.destroy()
  }
}

/** Formats a number as the bytes of a data segment. */
export function dataOf(type: 'i32' | 'f32', value: number): string {
  const view = new DataView(new ArrayBuffer(4))
  if (type === 'i32') view.setInt32(0, value, true)
  else view.setFloat32(0, value, true)
  return Array.from(new Uint8Array(view.buffer), (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')
}
