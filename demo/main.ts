import { Debugger, type Inspector, mountInspector } from 'bitscript/devtools'
import { SHARE_SIGN } from './editor/share-sign.ts'
import { bestResults } from './play/best.ts'
import { type Controls, createControls } from './play/controls.ts'
import { type Device, hintFor, likelyDevice } from './play/devices.ts'
import { failureCard } from './play/failure.ts'
import { importPart } from './play/import-part.ts'
import { Loop } from './play/loop.ts'
import { followMatch, type Match } from './play/match.ts'
import { sayResult } from './play/result.ts'
import { followSaves } from './play/saves.ts'
import { dailySeed, linkTo, randomSeed, seedIn } from './play/seeds.ts'
import { ASSETS, hashAfter, type Session, startSession } from './play/session.ts'
import { createSpeaker } from './play/sound.ts'
import { createSpeech } from './play/speech.ts'
import { mountScripts, scriptOf } from './scripts-panel.ts'
import { SCRIPTS } from './sim/index.ts'
import type { Wish } from './sim/input.ts'
import { type Card, createHud } from './view/hud.ts'
import { createStage, type Stage } from './view/stage.ts'

const part = (id: string): HTMLElement => document.getElementById(id) as HTMLElement
const surface = part('game')
// Lets the picture receive the keyboard focus.
surface.tabIndex = 0
const parameters = new URLSearchParams(location.search)
const reduced = matchMedia('(prefers-reduced-motion: reduce)')
const hud = createHud(surface)
const speaker = createSpeaker((enabled) => part('sound').setAttribute('aria-pressed', String(enabled)))
const speech = createSpeech(part('speech'))
/** Why scripts cannot be edited in the page. */
const LOCKED: Readonly<Record<string, string>> = Object.fromEntries(
  SCRIPTS.filter((name) => ASSETS[name].text === undefined).map((name) => [
    name,
    `${name} is a binary module, made of another language, and has no text to edit: change its source in demo/guests/, then npm run guests`,
  ]),
)
/** The name of a script in a link, with the ending of a text in AssemblyScript. */
const SHARED_NAME = /^[a-z][\w-]{0,30}(?:\.ts)?$/i
const NOBODY: Wish = { x: 0, y: 0, fire: false }
/** Lets `bitscript dap` attach to a game, through the development server. A build has none of it. */
const allowDebugger = import.meta.hot ? (await import('bitscript/debug')).allowDebugger : undefined

/** What the page is played with. */
let device: Device = likelyDevice()
/** The seed of the link, with which every game begins. */
const linkedSeed = seedIn(location.href)

let stage: Stage
let session: Session | undefined
/** The seed of the running game. */
let seedNow = 0
let match: Match
let inspector: Inspector | undefined
let debug: Debugger | undefined
/** Detaches an editor from the game. */
let refuseDebugger: (() => void) | undefined
/** Whether someone plays. Otherwise the game runs without input. */
let playing = false
/** The card of the page, which that of a pause covers. */
let card: Card | undefined

const running = (): Session => {
  if (session === undefined) throw new Error('no game has started')
  return session
}
const controls: Controls = createControls(surface, {
  playerAt: () => stage.placeOf(running().game, running().game.player),
  onDevice(now) {
    device = now
    if (loop.paused) showCard()
  },
  onPadButton(button) {
    const shown = part('card')
    if (!shown.hidden) shown.querySelector('button')?.click()
    else if (button === 'start') togglePause()
  },
})
const loop = new Loop({
  step: () => running().step(playing ? controls.wish() : NOBODY),
  draw(share) {
    stage.draw(running().game, running().motion, share)
    controls.watchPad()
    const { game } = running()
    hud.show({
      ...{ score: match.score, wave: match.wave, kills: match.kills, health: match.health, lives: match.lives },
      isIdle: playing && match.isIdle,
      power: game.components.Power.left[game.player] as number,
      canDash: game.components.Dash.rest[game.player] === 0,
    })
    if (playing && !loop.paused) speech.follow(match, performance.now())
    setMood()
  },
  onPause(by) {
    part('pause').setAttribute('aria-pressed', String(by !== undefined))
    setMood()
    // A tool looks at the game as it is.
    surface.classList.toggle('paused', by === 'player')
    showCard()
  },
})
const scripts = mountScripts(part('scripts'), part('edit'), {
  texts: () => Object.fromEntries(SCRIPTS.flatMap((name) => (ASSETS[name].text === undefined ? [] : [[name, ASSETS[name].text]]))),
  locked: LOCKED,
  onSave: (listener) => followSaves(ASSETS, listener),
  runtime: () => session?.game.runtime,
  loadEditor: () => importPart(() => import('./game-editor.ts')),
  start,
})

/** Lets the music follow the game. */
function setMood(): void {
  if (session !== undefined) speaker.feel({ wave: match.wave, isTight: match.lives === 1, isRunning: playing && !loop.paused })
}

function show(next: Card | undefined): void {
  card = next
  showCard()
}

function showCard(): void {
  const paused: Card = { title: 'Paused', text: hintFor(device), buttons: [['Go on', resume]] }
  hud.card(loop.pausedBy === 'player' ? paused : card)
}

/** Returns the first card. */
function welcome(): Card {
  const [best] = bestResults()
  const text = best === undefined ? hintFor(device) : `${hintFor(device)} Your best: ${best.score}, in wave ${best.wave}.`
  return {
    title: 'Swarm',
    text,
    buttons: [
      ['Play', () => void attempt(play)],
      ['Game of the day', () => void attempt(() => play(dailySeed()))],
    ],
  }
}

function resume(): void {
  loop.paused = false
  surface.focus({ preventScroll: true })
}

function togglePause(): void {
  if (loop.paused) resume()
  else loop.pause()
}

/** Does an action of the page. If it fails, shows why and what helps. Resolves with whether it succeeded. */
async function attempt(action: () => Promise<void>): Promise<boolean> {
  try {
    await action()
    return true
  } catch (error) {
    const goOn = (): void => {
      show(playing ? undefined : welcome())
      resume()
    }
    if (session !== undefined) loop.paused = true
    show(
      failureCard(error, {
        again: () => void attempt(action),
        ...(session !== undefined && { goOn }),
        correct(mistake) {
          if (session !== undefined) goOn()
          scripts.showFault(mistake)
        },
        withoutEdits() {
          scripts.stop()
          void attempt(action)
        },
      }),
    )
    return false
  }
}

/** Starts a new game with the edited scripts. The game before goes on if that fails. */
async function begin(texts = scripts.edited(), seed = linkedSeed ?? randomSeed()): Promise<void> {
  const next = await startSession({
    seed,
    swarm: Number(parameters.get('swarm') ?? 150),
    texts,
    foreign: [...scripts.foreign].map(scriptOf),
    onSound: (sound) => speaker.play(sound),
  })
  const wasOpen = inspector?.isOpen ?? false
  inspector?.dispose()
  const old = session
  session = next
  seedNow = seed
  match = followMatch(next.game, {
    onHurt() {
      if (!playing) return
      hud.hurt()
      stage.shake()
    },
    onDown(lives) {
      if (!playing) return
      if (lives > 0) hud.news(lives === 1 ? 'One life left' : `${lives} lives left`)
      else over()
    },
    onWave(wave) {
      hud.news(`Wave ${wave}`)
    },
  })
  debug?.dispose()
  debug = new Debugger(next.game.runtime, { controls: loop })
  scripts.follow(next.game.runtime, debug)
  refuseDebugger?.()
  refuseDebugger = allowDebugger?.(next.game.runtime, import.meta.hot)
  old?.game.runtime.dispose()
  inspector = mountInspector(next.game.runtime, {
    parent: surface,
    controls: loop,
    debugger: debug,
    openSource: ({ script, location, fault }) => (fault === undefined ? scripts.showLine(script, location.line) : scripts.showFault(fault)),
    open: wasOpen,
    pick: (x, y) => stage.entityAt(next.game, x, y),
    mark: (entity) => stage.mark(entity),
    inset(inset) {
      stage.setInset(inset)
      hud.setInset(inset)
    },
    ...(next.mods !== undefined && { mods: next.mods }),
  })
}

async function play(seed?: number): Promise<void> {
  await begin(undefined, seed)
  playing = true
  show(undefined)
  resume()
}

function over(): void {
  playing = false
  const { earned, score, wave } = match
  const seed = seedNow
  show({
    title: 'The swarm got you',
    text: sayResult({ earned, score, wave, seed, isEdited: scripts.edited().size > 0 }),
    buttons: [
      ['Play again', () => void attempt(play)],
      ['The same game', () => void attempt(() => play(seed))],
      ['Copy its link', () => void copyLink(seed)],
    ],
  })
}

/** Copies a link to a game, or shows it where a page may not copy. */
async function copyLink(seed: number): Promise<void> {
  const link = linkTo(seed, location.href)
  await navigator.clipboard.writeText(link).then(
    () => hud.news('The link is copied'),
    () => hud.news(link),
  )
}

/** If the link contains scripts, explains that and asks whether to play with them. */
async function offerShared(): Promise<void> {
  const { hash } = location
  if (!hash.startsWith(SHARE_SIGN)) return
  // A copy of the link can be pasted again; a reload of the page does not ask again.
  history.replaceState(null, '', location.pathname + location.search)
  const { decodeShare } = await import('./editor/share.ts')
  const shared = await decodeShare(hash)
  if (shared === undefined || !shared.every(({ script }) => SHARED_NAME.test(script)))
    return hud.news('The link is damaged: ask for it again')
  const names = shared.map(({ script }) => script)
  const locked = names.find((name) => Object.hasOwn(LOCKED, scriptOf(name)))
  if (locked !== undefined) return hud.news(`The link is for another ${locked}: open it without ?guests`)
  const choose = async (take: boolean): Promise<void> => {
    const run = take ? await scripts.take(shared) : undefined
    if (take && run === undefined) return
    if (!take) for (const name of names) if (scripts.foreign.has(name)) scripts.drop(name)
    // The game before has no limits for what the link brought.
    if (await attempt(play)) run?.()
  }
  loop.paused = playing
  const [what, they, takes] =
    names.length === 1 ? ['another script', 'It was', 'It takes'] : [`${names.length} other scripts`, 'They were', 'They take']
  const own = scripts.replacedBy(shared)
  const replaced = own.length === 0 ? '' : ` ${takes} the place of your text of ${own.join(', ')}: Undo in the editor brings yours back.`
  show({
    title: names.length === 1 ? 'Someone else’s script' : 'Someone else’s scripts',
    text: `This link brings ${what}: ${names.join(', ')}. ${they} not written by the makers of this page; what it brings can reach nothing but the game, and gets a tenth of the fuel.${replaced}`,
    buttons: [
      ['Play with it', () => void choose(true)],
      ['Without it', () => void choose(false)],
    ],
  })
}

/** Starts the game behind the first card. */
async function start(texts = scripts.edited()): Promise<void> {
  stage ??= await createStage(surface, () => reduced.matches)
  await begin(texts)
  loop.start()
  show(welcome())
  await offerShared()
}

part('pause').addEventListener('click', togglePause)
part('restart').addEventListener('click', () => void attempt(session === undefined ? () => start() : play))
part('sound').addEventListener('click', ({ detail }) => {
  speaker.enabled = !speaker.enabled
  // Who clicked plays on with the keys; who pressed a key stays at the button.
  if (detail > 0 && playing) surface.focus({ preventScroll: true })
})
document.addEventListener('keydown', (event) => {
  const { code, target, repeat, ctrlKey, metaKey, altKey } = event
  if ((code !== 'KeyP' && code !== 'Escape') || repeat || ctrlKey || metaKey || altKey) return
  // The editor and the inspector have keys of their own.
  if (session === undefined || (target as Element).closest('#scripts, [data-bitscript-inspector]') !== null) return
  togglePause()
})
document.addEventListener('visibilitychange', () => {
  if (document.hidden && playing && !loop.paused) loop.pause()
})
addEventListener('hashchange', () => void attempt(offerShared))

await attempt(() => start())
document.documentElement.dataset.ready = 'true'

/** For the console and the tests: the running game, its loop, and the hash of a recorded game. */
declare global {
  interface Window {
    swarm: {
      readonly session: Session
      readonly match: Match
      readonly loop: Loop
      /** Draws a frame at a fraction of the time between the last two ticks. */
      readonly draw: (share: number) => void
      readonly hashAfter: typeof hashAfter
    }
  }
}
window.swarm = {
  get session() {
    return running()
  },
  get match() {
    return match
  },
  loop,
  draw: (share) => stage.draw(running().game, running().motion, share),
  hashAfter,
}
