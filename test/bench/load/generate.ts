import { assemble } from '../wat.ts'

/** A string in a module, replaced to get bytes that an engine which caches compiled code has not seen. */
export const MARK = 'mark-00000000'

/** Returns a module of about a number of bytes, with functions that compute and write to memory. */
export async function generateModule(bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const sample = 200
  const bytesPerFunction = (await assemble(moduleOf(sample))).length / sample
  return assemble(moduleOf(Math.max(1, Math.round(bytes / bytesPerFunction))))
}

/** Returns the same module with another mark. */
export function remark(module: Uint8Array, mark: string, number: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(module)
  const at = Buffer.from(copy.buffer).indexOf(mark)
  if (at === -1) throw new Error(`the module has no '${mark}'`)
  copy.set(new TextEncoder().encode(String(number).padStart(mark.length, '0')), at)
  return copy
}

function moduleOf(functions: number): string {
  const all = Array.from({ length: functions }, (_, index) => functionOf(index))
  return `(module (memory (export "memory") 1) (data (i32.const 16) "${MARK}") ${all.join('\n')}
    (func (export "run") (param i32) (result i32) (call $f${functions - 1} (local.get 0))))`
}

function functionOf(index: number): string {
  return `(func $f${index} (param $n i32) (result i32) (local $at i32) (local $sum i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $n)))
        (local.set $sum (i32.add (local.get $sum) (i32.mul (i32.load offset=64 (local.get $at)) (i32.const ${index * 2654 + 1}))))
        (if (i32.and (local.get $sum) (i32.const 8))
          (then (i32.store offset=64 (local.get $at) (i32.xor (local.get $sum) (i32.const ${index}))))
          (else (local.set $sum (i32.rotl (local.get $sum) (i32.const 5)))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br $next)))
    ${index === 0 ? '(local.get $sum)' : `(i32.add (local.get $sum) (call $f${index - 1} (i32.const 0)))`})`
}
