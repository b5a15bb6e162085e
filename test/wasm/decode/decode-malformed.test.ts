import { describe, expect, it } from 'vitest'
import { ScriptError } from '../../../src/errors.ts'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { errorOf } from '../../fixtures/game.ts'
import { type Bytes, binary, customSection, section, text, vector } from '../../fixtures/wasm/bytes.ts'

const MAGIC = [0x00, 0x61, 0x73, 0x6d]
const VERSION = [0x01, 0x00, 0x00, 0x00]
const NOTHING = [0x60, ...vector(), ...vector()]
const MAX_U32 = [0xff, 0xff, 0xff, 0xff, 0x0f]
const AT_ZERO = [0x41, 0x00, 0x0b]

const types = section(1, vector(NOTHING))
const imports = (...entries: Bytes[]) => section(2, vector(...entries.map((entry) => [...text(''), ...text(''), ...entry])))
const functions = (...typeIndices: number[]) => section(3, vector(...typeIndices.map((index) => [index])))
const tables = (...entries: Bytes[]) => section(4, vector(...entries))
const memories = (...entries: Bytes[]) => section(5, vector(...entries))
const globals = (...entries: Bytes[]) => section(6, vector(...entries))
const exports = (...entries: Bytes[]) => section(7, vector(...entries))
const elements = (...entries: Bytes[]) => section(9, vector(...entries))
const code = (...bodies: Bytes[]) => section(10, vector(...bodies))
const data = (...entries: Bytes[]) => section(11, vector(...entries))
const BODY = [0x02, 0x00, 0x0b]

type Case = [what: string, bytes: Uint8Array<ArrayBuffer>, detail: string]

const CASES: Record<string, Case[]> = {
  'the preamble': [
    ['nothing', new Uint8Array(), 'the bytes do not begin with \\0asm, at offset 0x0'],
    ['half a magic number', Uint8Array.of(0x00, 0x61, 0x73), 'the bytes do not begin with \\0asm, at offset 0x0'],
    ['another magic number', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, ...VERSION), 'the bytes do not begin with \\0asm, at offset 0x0'],
    ['no version', Uint8Array.from(MAGIC), 'the version of 4 bytes does not fit in the 0 bytes left, at offset 0x4'],
    ['half a version', Uint8Array.of(...MAGIC, 1, 0), 'the version of 4 bytes does not fit in the 2 bytes left, at offset 0x4'],
    ['version 2', Uint8Array.of(...MAGIC, 2, 0, 0, 0), 'this is not a core module of version 1, at offset 0x4'],
    ['version 257', Uint8Array.of(...MAGIC, 1, 1, 0, 0), 'this is not a core module of version 1, at offset 0x4'],
    ['a component', Uint8Array.of(...MAGIC, 0x0d, 0x00, 0x01, 0x00), 'this is not a core module of version 1, at offset 0x4'],
    ['a high version', Uint8Array.of(...MAGIC, 1, 0, 0, 1), 'this is not a core module of version 1, at offset 0x4'],
  ],
  'a section': [
    ['without a size', binary([1]), 'the module ends inside the size of a section, at offset 0x9'],
    ['with half a size', binary([1, 0x80]), 'the module ends inside the size of a section, at offset 0xa'],
    ['longer than the module', binary([1, 9, 1, 0x60]), 'section 1 of 9 bytes does not fit in the 2 bytes left, at offset 0xa'],
    ['of 4 GiB', binary([1, ...MAX_U32, 0]), 'section 1 of 4294967295 bytes does not fit in the 1 bytes left, at offset 0xe'],
    ['of an unknown id', binary(section(14, [])), 'there is no section 14, at offset 0x8'],
    ['of the last id', binary(section(0xff, [0])), 'there is no section 255, at offset 0x8'],
    ['too early', binary(functions(), types), 'section 1 is out of order or repeated, at offset 0xb'],
    ['twice', binary(types, types), 'section 1 is out of order or repeated, at offset 0xe'],
    ['twice with a custom one between', binary(types, customSection('a'), types), 'section 1 is out of order or repeated, at offset 0x12'],
    ['of tags after globals', binary(globals(), section(13, vector())), 'section 13 is out of order or repeated, at offset 0xb'],
    ['of tags before memories', binary(section(13, vector()), memories()), 'section 5 is out of order or repeated, at offset 0xb'],
    ['that counts data after the code', binary(code(), section(12, [0])), 'section 12 is out of order or repeated, at offset 0xb'],
    ['that counts data before the elements', binary(section(12, [0]), elements()), 'section 9 is out of order or repeated, at offset 0xb'],
    ['with a byte too many', binary(section(1, [...vector(NOTHING), 0])), 'section 1 has 1 bytes too many, at offset 0xe'],
    [
      'with bytes too many after a start',
      binary(types, functions(0), section(8, [0, 0, 0]), code(BODY)),
      'section 8 has 2 bytes too many, at offset 0x15',
    ],
    ['without content', binary(section(1, [])), 'the module ends inside the number of types, at offset 0xa'],
    ['that ends inside an entry', binary(section(1, [1, 0x60, 1])), '1 parameters do not fit in the 0 bytes left, at offset 0xc'],
    [
      'that ends inside a field, before what would be the rest of it',
      binary(section(1, [1, 0x5e]), [0x78, 0x00]),
      'the module ends inside a value type, at offset 0xc',
    ],
    [
      'that ends inside an entry, before another section',
      binary(section(1, [1, 0x60]), functions(0)),
      'the module ends inside the number of parameters, at offset 0xc',
    ],
  ],
  'a custom section': [
    ['without a name', binary(section(0, [])), 'the module ends inside the length of the name of a section, at offset 0xa'],
    [
      'shorter than its name',
      binary(section(0, [5, 0x61])),
      'the name of a section of 5 bytes does not fit in the 1 bytes left, at offset 0xb',
    ],
    ['whose name is not UTF-8', binary(section(0, [2, 0xc3, 0x28])), 'the name of a section is not UTF-8, at offset 0xb'],
  ],
  'a number': [
    ['of six bytes', binary([1, 0x81, 0x80, 0x80, 0x80, 0x80, 0x00, 0]), 'the size of a section is not a 32-bit number, at offset 0x9'],
    [
      'with a bit beyond the 32',
      binary([1, 0x81, 0x80, 0x80, 0x80, 0x10, 0]),
      'the size of a section is not a 32-bit number, at offset 0x9',
    ],
    [
      'with the last bit beyond the 32',
      binary([1, 0x81, 0x80, 0x80, 0x80, 0x40, 0]),
      'the size of a section is not a 32-bit number, at offset 0x9',
    ],
    [
      'of 64 bits with a bit beyond them',
      binary(memories([0x04, ...Array(9).fill(0x80), 0x02])),
      'a size of a memory is not a 64-bit number, at offset 0xc',
    ],
    [
      'of 64 bits in eleven bytes',
      binary(memories([0x04, ...Array(10).fill(0x80), 0x00])),
      'a size of a memory is not a 64-bit number, at offset 0xc',
    ],
    ['that ends nowhere', binary(section(3, [0x80, 0x80])), 'the module ends inside the number of functions, at offset 0xc'],
  ],
  'a count': [
    ...(
      [
        [1, 'types'],
        [2, 'imports'],
        [3, 'functions'],
        [4, 'tables'],
        [5, 'memories'],
        [13, 'tags'],
        [6, 'globals'],
        [7, 'exports'],
        [9, 'element segments'],
        [10, 'function bodies'],
        [11, 'data segments'],
      ] as const
    ).map(
      ([id, what]): Case => [
        `of ${what} larger than the bytes left`,
        binary(section(id, [...MAX_U32, 0x60, 0x00, 0x00])),
        `4294967295 ${what} do not fit in the 3 bytes left, at offset 0xa`,
      ],
    ),
    ['of parameters', binary(section(1, [1, 0x60, ...MAX_U32])), '4294967295 parameters do not fit in the 0 bytes left, at offset 0xc'],
    ['of results', binary(section(1, [1, 0x60, 0, 2, 0x7f])), '2 results do not fit in the 1 bytes left, at offset 0xd'],
    [
      'of elements',
      binary(tables([0x70, 0, 1]), section(9, [1, 0x00, ...AT_ZERO, ...MAX_U32])),
      '4294967295 elements do not fit in the 0 bytes left, at offset 0x15',
    ],
    ['one larger than the entries', binary(section(3, [1])), '1 functions do not fit in the 0 bytes left, at offset 0xa'],
  ],
  'an index': [
    ['of the type of a function', binary(types, functions(1), code(BODY)), 'there is no type 1, at offset 0x11'],
    ['of the type of an import', binary(types, imports([0x00, 0x01])), 'there is no type 1, at offset 0x14'],
    ['of the type of a tag', binary(types, section(13, vector([0, 1]))), 'there is no type 1, at offset 0x12'],
    ['of the type of an imported tag', binary(types, imports([0x04, 0x00, 0x01])), 'there is no type 1, at offset 0x15'],
    [
      'of an exported function',
      binary(types, functions(0), exports([...text('a'), 0, 1]), code(BODY)),
      'there is no func 1, at offset 0x18',
    ],
    ['of an exported table', binary(tables([0x70, 0, 1]), exports([...text('a'), 1, 1])), 'there is no table 1, at offset 0x14'],
    ['of an exported memory', binary(memories([0, 1]), exports([...text('a'), 2, 1])), 'there is no memory 1, at offset 0x13'],
    ['of an exported global', binary(imports([3, 0x7f, 0]), exports([...text('a'), 3, 1])), 'there is no global 1, at offset 0x16'],
    ['of an exported tag', binary(types, section(13, vector([0, 0])), exports([...text('a'), 4, 1])), 'there is no tag 1, at offset 0x19'],
    ['of the start function', binary(types, functions(0), section(8, [1]), code(BODY)), 'there is no function 1, at offset 0x14'],
    ['of the table of elements', binary(tables([0x70, 0, 1]), elements([2, 1, ...AT_ZERO, 0, 0])), 'there is no table 1, at offset 0x12'],
    [
      'of an element',
      binary(types, functions(0), tables([0x70, 0, 1]), elements([0, ...AT_ZERO, ...vector([0], [1])]), code(BODY)),
      'there is no function 1, at offset 0x21',
    ],
    ['of the memory of data', binary(memories([0, 1]), data([2, 1, ...AT_ZERO, 0])), 'there is no memory 1, at offset 0x11'],
  ],
  'functions and bodies': [
    [
      'more functions than bodies',
      binary(types, functions(0, 0), code(BODY)),
      '2 functions are declared and there are 1 bodies, at offset 0x19',
    ],
    ['no bodies at all', binary(types, functions(0)), '1 functions are declared and there are 0 bodies, at offset 0x12'],
    [
      'more bodies than functions',
      binary(types, functions(0), code(BODY, BODY)),
      '1 functions are declared and there are 2 bodies, at offset 0x1b',
    ],
    ['no functions at all', binary(code(BODY)), '0 functions are declared and there are 1 bodies, at offset 0xe'],
    [
      'bodies for imported functions',
      binary(types, imports([0x00, 0x00]), code(BODY)),
      '0 functions are declared and there are 1 bodies, at offset 0x1b',
    ],
    [
      'a body longer than its section',
      binary(types, functions(0), code([0x03, 0x00, 0x0b])),
      'a function body of 3 bytes does not fit in the 2 bytes left, at offset 0x16',
    ],
  ],
  'data segments': [
    [
      'fewer than announced',
      binary(section(12, [2]), data([1, 0])),
      'the data count section counts 2 data segments and there are 1, at offset 0x10',
    ],
    [
      'more than announced',
      binary(section(12, [0]), data([1, 0])),
      'the data count section counts 0 data segments and there are 1, at offset 0x10',
    ],
    ['announced and none', binary(section(12, [1])), 'the data count section counts 1 data segments and there are 0, at offset 0xb'],
    ['without a memory', binary(data([0, ...AT_ZERO, 0])), 'a data segment without a memory, at offset 0xb'],
    ['of another kind', binary(memories([0, 1]), data([3, 0])), '3 is not a kind of data segment, at offset 0x10'],
    ['longer than their section', binary(data([1, 5, 0x61])), 'a data segment of 5 bytes does not fit in the 1 bytes left, at offset 0xd'],
  ],
  'element segments': [
    ['without a table', binary(elements([0, ...AT_ZERO, 0])), 'an element segment without a table, at offset 0xb'],
    ['of another kind', binary(elements([8, 0, 0])), '8 is not a kind of element segment, at offset 0xb'],
    ['of another kind of element', binary(elements([1, 1, 0])), 'an unknown kind of element, at offset 0xc'],
    ['of no type', binary(elements([5, 0x00, 0])), '0x0 is not a value type, at offset 0xc'],
  ],
  exports: [
    [
      'two of one name',
      binary(memories([0, 1]), exports([...text('größe'), 2, 0], [...text('größe'), 2, 0])),
      "two exports are named 'größe', at offset 0x1a",
    ],
    ['of an unknown kind', binary(exports([...text('a'), 5, 0])), "an unknown kind of export, 'a', at offset 0xb"],
    ['whose name is not UTF-8', binary(memories([0, 1]), exports([1, 0x80, 2, 0])), 'the name of an export is not UTF-8, at offset 0x11'],
  ],
  imports: [
    ['of an unknown kind', binary(imports([5, 0])), 'an unknown kind of import, at offset 0xd'],
    ['of an unknown kind of tag', binary(types, imports([4, 1, 0])), 'an unknown kind of tag, at offset 0x14'],
    ['whose module is not UTF-8', binary(section(2, [1, 1, 0xff, 0, 3, 0x7f, 0])), 'the module of an import is not UTF-8, at offset 0xc'],
    [
      'whose name is half a surrogate pair',
      binary(section(2, [1, 0, 3, 0xed, 0xa0, 0x80, 3, 0x7f, 0])),
      'the name of an import is not UTF-8, at offset 0xd',
    ],
    [
      'whose name is cut',
      binary(section(2, [1, 0, 3, 0x61])),
      'the name of an import of 3 bytes does not fit in the 1 bytes left, at offset 0xd',
    ],
  ],
  types: [
    ['of another form', binary(section(1, vector([0x40, 0, 0]))), '0x40 is not a form of type, at offset 0xb'],
    ['of another value', binary(section(1, vector([0x60, 1, 0x40, 0]))), '0x40 is not a value type, at offset 0xd'],
  ],
  'tables and memories': [
    ['a table of numbers', binary(tables([0x7f, 0, 1])), 'a table cannot hold i32, at offset 0xb'],
    ['a table of an unknown form', binary(tables([0x40, 1, 0x70, 0, 1, 0xd0, 0x70, 0x0b])), 'an unknown kind of table, at offset 0xc'],
    ['limits with an unknown flag', binary(memories([8, 1])), 'the limits of a memory have unknown flags 0x8, at offset 0xb'],
    ['a maximum below the minimum', binary(memories([1, 3, 2])), 'the maximum of a memory, 2, is less than its minimum, 3, at offset 0xb'],
    [
      'a maximum of a table below the minimum',
      binary(imports([1, 0x70, 1, 3, 2])),
      'the maximum of a table, 2, is less than its minimum, 3, at offset 0xf',
    ],
    ['no maximum after all', binary(section(5, [1, 1, 3])), 'the module ends inside a size of a memory, at offset 0xd'],
  ],
  globals: [
    ['of another mutability', binary(globals([0x7f, 2, ...AT_ZERO])), '0x2 is not a mutability, at offset 0xc'],
    [
      'with an initialiser that is not constant',
      binary(globals([0x7f, 0, 0x20, 0, 0x0b])),
      'the instruction 0x20 is not constant, at offset 0xd',
    ],
    ['without an initialiser', binary(globals([0x7f, 0])), 'the module ends inside a constant expression, at offset 0xd'],
    [
      'initialised without an end',
      binary(globals([0x7f, 0, 0x41, 0]), exports()),
      'the module ends inside a constant expression, at offset 0xf',
    ],
  ],
  tags: [['of an unknown kind', binary(types, section(13, vector([1, 0]))), 'an unknown kind of tag, at offset 0x11']],
}

for (const [subject, cases] of Object.entries(CASES)) {
  describe(`decodeModule refuses ${subject}`, () => {
    it.each(cases)('%s', async (_, bytes, detail) => {
      const error = await errorOf(() => decodeModule(bytes))
      expect(error).toBeInstanceOf(ScriptError)
      expect(error).toMatchObject({ code: 'InvalidBinary', detail })
      expect(error.message).toContain(detail)
      // The engine refuses it, too.
      expect(WebAssembly.validate(bytes)).toBe(false)
    })
  })
}
