import { type Accessor, namedAccessors } from '../accessors.ts'
import type { Contestant } from '../contestant.ts'
import { embed } from '../embed.ts'
import type { ScriptExports } from '../loop.ts'

/** Calls use Lua's stack directly: `global.set` and `global.get`, which convert any value, take four times as long. */
export const lua: Contestant = {
  name: 'Lua (wasmoon)',
  exact: false,
  async prepare(program, stage) {
    const { LUA_REGISTRYINDEX, LuaFactory } = await import('wasmoon')
    const { accessors, loop } = await embed(program, stage)
    const engine = await new LuaFactory().createEngine({ enableProxy: false, injectObjects: false })
    const { lua: api, address } = engine.global
    const bind = (accessor: Accessor): number => {
      const bound = (state: number): number => {
        const result = accessor(api.lua_tonumberx(state, 1, null), api.lua_tonumberx(state, 2, null))
        if (typeof result !== 'number') return 0
        if (Number.isInteger(result)) api.lua_pushinteger(state, BigInt(result))
        else api.lua_pushnumber(state, result)
        return 1
      }
      return api.module.addFunction(bound, 'ii')
    }
    const pointers: number[] = []
    for (const [name, accessor] of namedAccessors(accessors)) {
      const pointer = bind(accessor)
      pointers.push(pointer)
      api.lua_pushcclosure(address, pointer, 0)
      api.lua_setglobal(address, name)
    }
    engine.doStringSync(program.lua)
    const call = (reference: bigint, numbers: number): void => {
      if (api.lua_pcallk(address, numbers, 0, 0, 0, null) !== 0) throw new Error(`${reference}: ${api.lua_tolstring(address, -1, null)}`)
    }
    const find = (name: string): bigint => {
      api.lua_getglobal(address, name)
      return BigInt(api.luaL_ref(address, LUA_REGISTRYINDEX))
    }
    const update = find('update')
    const tick = find('tick')
    const script: ScriptExports = {
      tick: !program.lua.includes('function tick')
        ? undefined
        : (seconds) => {
            api.lua_rawgeti(address, LUA_REGISTRYINDEX, tick)
            api.lua_pushnumber(address, seconds)
            call(tick, 1)
          },
      update(entity, seconds) {
        api.lua_rawgeti(address, LUA_REGISTRYINDEX, update)
        api.lua_pushinteger(address, BigInt(entity))
        api.lua_pushnumber(address, seconds)
        call(update, 2)
      },
    }
    return {
      tick: loop(script),
      dispose() {
        engine.global.close()
        for (const pointer of pointers) api.module.removeFunction(pointer)
      },
    }
  },
}
