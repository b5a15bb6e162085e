import { type DecodedModule, importedFunctions } from '../format/module.ts'
import { type Fork, NONE, NOWHERE } from './block-stack.ts'
import { type CallingFunction, callGraph } from './call-graph.ts'
import type { CallSite } from './charge-scan.ts'
import type { Charges } from './charges.ts'
import { FRAME } from './depth-code.ts'
import { type DepthPassing, planDepthPassing } from './depth-passing.ts'
import { INSERTION, type Insertions, isCharge } from './insertions.ts'
import { spreadCharges } from './spread-charges.ts'

/** How a function is metered, beside its {@link Charges}: what depends on the functions that it calls and that call it. */
export interface FunctionPlan {
  /** Whether it counts the depth of its calls. */
  readonly countsDepth: boolean
  /** Whether it caches its fuel in a local. */
  readonly cachesFuel: boolean
  /** Whether it calls functions that spend fuel. */
  readonly spends: boolean
  /** Returns whether a called function, -1 if it is not known, reads the depth that its caller sets. */
  readonly setsDepth: (callee: number) => boolean
  /** Returns the index of what takes the depth in place of a called function; -1 if nothing does. */
  readonly passesDepthTo: (callee: number) => number
}

/** How the functions of a module are metered. */
export interface FunctionPlans {
  /** By place among the functions that the module defines. */
  readonly plans: readonly FunctionPlan[]
  readonly passing: DepthPassing
}

/** The most units that a function may spend without a check of the fuel; a charge that is greater checks. */
export const MAX_UNCHECKED = 256
/** The same for a function of which a part returns at once. */
const MAX_SHORT = 32
/** The most units that the functions that code calls may spend without a check. */
const MAX_UNCHECKED_CALLS = 4096

/** Returns the units of stack that a call of a function takes. */
export function frameOf({ stack }: Charges): number {
  return FRAME + stack
}

/**
 * Decides how the functions of a module are metered, and moves charges to where they cost least time. The units of each path stay
 * what they are:
 *
 * - The first block of a function that only direct calls reach is charged where it is called, together with the code around the call.
 * - What two ways behind a branch cost at least is charged before the branch.
 * - Where one of two ways returns at once, what is before them is charged in them, so that a call that returns at once checks nothing.
 */
export function planFunctions(module: DecodedModule, functions: readonly Charges[], isLinked: boolean): FunctionPlans {
  const imported = importedFunctions(module)
  const graph = callGraph(module, functions.map(callingFunction), isLinked)
  const costs: Costs = { entry: new Float64Array(module.functions.length), unchecked: new Float64Array(module.functions.length) }
  const isFree = new Uint8Array(module.functions.length)
  const at = (index: number): Charges => functions[index - imported] as Charges
  const isShared = (index: number): boolean => module.referredFunctions.has(index) || module.start === index
  for (const circle of graph.circles) {
    for (const index of circle) {
      const { calls, forks, insertions } = at(index)
      for (const { callee, charge } of calls) if (charge !== NONE && callee >= 0) insertions.pay(charge, costs.entry[callee] as number)
      settle(forks, insertions)
    }
    for (const index of circle) {
      const { first, insertions } = at(index)
      const units = insertions.argument[first] as number
      if (isShared(index) || units > MAX_UNCHECKED) continue
      costs.entry[index] = units
      insertions.argument[first] = 0
    }
    if (graph.isCyclic(circle[0] as number)) {
      // Their own first blocks are charged in them last: what these cost no longer changes.
      const members = new Set(circle)
      for (const index of circle) {
        const { calls, insertions } = at(index)
        for (const { callee, charge } of calls)
          if (charge !== NONE && members.has(callee)) insertions.pay(charge, costs.entry[callee] as number)
      }
    }
    for (const index of circle) {
      const charges = at(index)
      const { first, calls, insertions } = charges
      checkCalls(calls, insertions, costs)
      if (isShared(index)) continue
      const units = graph.isCyclic(index) ? Number.POSITIVE_INFINITY : mostUnchecked(charges, costs)
      if (units <= MAX_UNCHECKED) {
        insertions.isChecked[first] = 0
        costs.unchecked[index] = units
      }
      if (spendsNothing(charges) && calls.every(({ callee }) => isFree[callee] === 1)) isFree[index] = 1
      // The host may call a shared function again and again, so that one always checks.
      if ((insertions.isChecked[first] === 1 || graph.countsDepth(index)) && sinkEntry(charges)) costs.unchecked[index] = MAX_SHORT
    }
  }
  const [one] = functions
  if (one !== undefined) spreadCharges(functions, one.insertions)
  const passing = planDepthPassing(module, functions, graph.countsDepth)
  const plans = functions.map(({ loops, countedLoops, catches, calls }, place) => ({
    countsDepth: graph.countsDepth(imported + place),
    cachesFuel: loops > countedLoops.length && !catches && calls.every(({ callee }) => isFree[callee] === 1),
    spends: calls.some(({ callee }) => isFree[callee] !== 1),
    setsDepth: graph.readsDepth,
    passesDepthTo: passing.indexOf,
  }))
  return { plans, passing }
}

/** What calls of functions cost, by function index. */
interface Costs {
  /** What the first block of a function costs its callers. */
  readonly entry: Float64Array
  /** What a function may spend without a check. 0 if it checks at its start. */
  readonly unchecked: Float64Array
}

function callingFunction({ calls, throws, stack }: Charges): CallingFunction {
  return { frame: FRAME + stack, callees: calls.map(({ callee }) => callee), keepsFrame: calls.some(({ call }) => call !== NONE), throws }
}

/** Moves what both ways behind a fork cost at least to the charge before it. */
function settle(forks: readonly Fork[], insertions: Insertions): void {
  const { argument } = insertions
  // The forks in an arm come before the fork itself.
  for (const { charge, arm, other } of forks.toSorted((one, another) => another.charge - one.charge)) {
    const both = Math.min(argument[arm] as number, argument[other] as number)
    insertions.pay(charge, both)
    insertions.pay(arm, -both)
    insertions.pay(other, -both)
  }
}

/** Adds a check of the fuel after so many calls of functions that do not check it themselves. */
function checkCalls(calls: readonly CallSite[], { isChecked }: Insertions, { unchecked }: Costs): void {
  let spent: Map<number, number> | undefined
  for (const { callee, call, charge } of calls) {
    const most = callee < 0 ? 0 : (unchecked[callee] as number)
    if (most === 0 || charge === NONE || call === NONE) continue
    spent ??= new Map()
    const units = (spent.get(charge) ?? 0) + most
    isChecked[call] = units > MAX_UNCHECKED_CALLS ? 1 : 0
    spent.set(charge, units > MAX_UNCHECKED_CALLS ? 0 : units)
  }
}

/** Returns the most that a function may spend before it checks, in its loops and the functions that it calls aside. Infinite if one of those checks. */
function mostUnchecked({ insertions, first, end, calls }: Charges, { unchecked }: Costs): number {
  const { kind, argument } = insertions
  let units = 0
  for (const { callee } of calls) {
    const most = callee < 0 ? 0 : (unchecked[callee] as number)
    if (most === 0) return Number.POSITIVE_INFINITY
    units += most
  }
  for (let each = first; each < end; each++) if (isCharge(kind[each])) units += argument[each] as number
  return units
}

/** Returns whether code never spends fuel, once the first block of its function is charged where it is called. */
function spendsNothing({ insertions, first, end }: Charges): boolean {
  const { kind, argument, isChecked } = insertions
  for (let each = first; each < end; each++) {
    if (isCharge(kind[each]) && kind[each] !== INSERTION.loop) {
      if (argument[each] !== 0 || isChecked[each] === 1) return false
    } else if (kind[each] !== INSERTION.call && !isShort(kind[each])) return false
  }
  return true
}

/**
 * Moves the charge and the checks at the start of a function into the two ways that follow, if one of them returns at once: that
 * one checks nothing. Nothing before the branch may end the function. Returns whether it did.
 */
function sinkEntry(charges: Charges): boolean {
  const { forks, effectAt, insertions, first: entry, end } = charges
  const { at, kind, argument, isChecked } = insertions
  const fork = forks.find(({ charge }) => charge === entry)
  if (fork === undefined || fork.arm !== kind.subarray(0, end).indexOf(INSERTION.block, entry)) return false
  const { arm, other, endsAt } = fork
  if (effectAt < (at[arm] as number)) return false
  const units = argument[entry] as number
  const returns = (way: number, to: number): boolean => {
    const from = at[way] as number
    return areShort(charges, from, to, way) && (returnsIn(charges, from, to) || areShort(charges, endsAt, NOWHERE))
  }
  const isArmShort = returns(arm, at[other] as number) && (argument[arm] as number) + units <= MAX_SHORT
  const isOtherShort = returns(other, endsAt) && (argument[other] as number) + units <= MAX_SHORT
  if (isArmShort === isOtherShort) return false
  const long = isArmShort ? other : arm
  insertions.pay(arm, units)
  insertions.pay(other, units)
  kind[long] = INSERTION.entry
  isChecked[long] = isChecked[entry] as number
  kind[entry] = INSERTION.block
  argument[entry] = 0
  return true
}

/** Returns whether no insertion from an offset up to another spends fuel, except for one of them. */
function areShort({ insertions, first, end }: Charges, from: number, to: number, except = NONE): boolean {
  const { at, kind } = insertions
  for (let each = first; each < end; each++) {
    const offset = at[each] as number
    if (offset >= from && offset < to && each !== except && !isShort(kind[each])) return false
  }
  return true
}

/** Returns whether the function returns from an offset up to another. */
function returnsIn({ insertions, first, end }: Charges, from: number, to: number): boolean {
  const { at, kind } = insertions
  for (let each = first; each < end; each++) {
    const offset = at[each] as number
    if (offset >= from && offset < to && (kind[each] === INSERTION.return || kind[each] === INSERTION.leave)) return true
  }
  return false
}

function isShort(kind: number | undefined): boolean {
  switch (kind) {
    case INSERTION.save:
    case INSERTION.leave:
    case INSERTION.return:
    case INSERTION.global:
    case INSERTION.inline:
    case INSERTION.hostCall:
      return true
    default:
      return false
  }
}
