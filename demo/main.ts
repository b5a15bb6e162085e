import { type Inspector, mountInspector } from 'bitscript/devtools'
import { decodeShare } from './editor/share.ts'
import { keepScore } from './play/best.ts'
import { type Controls, createControls, type Wish } from './play/controls.ts'
import { Loop } from './play/loop.ts'
import { followMatch, type Match } from './play/match.ts'
import { ASSETS, hashAfter, type Session, startSession } from './play/session.ts'
import { createSpeaker } from './play/sound.ts'
import { mountScripts } from './scripts-panel.ts'
import { SCRIPTS, type ScriptName } from './sim/index.ts'
import { createHud } from './view/hud.ts'
import { createStage } from './view/stage.ts'

const part = (id: string): HTMLElement => document.getElementById(id) as HTMLElement
const surface = part('game')
// Lets the picture receive the keyboard focus.
surface.tabIndex = 0
const parameters = new URLSearchParams(location.search)
const reduced = matchMedia('(prefers-reduced-motion: reduce)')
const hud = createHud(surface)
const speaker = createSpeaker()
const stage = await createStage(surface, () => reduced.matches)
const HINT = 'Arrow keys or W A S D, the mouse or a finger: whoever moves, fires. P pauses. Every script can be edited while it runs.'
const NOBODY: Wish = { x: 0, y: 0, fire: false }

let session: Session
let match: Match
let inspector: Inspector | undefined
/** Whether someone plays. Otherwise the game runs without input. */
let playing = false
/** The texts of scripts from the link, by name. */
const foreign = new Map<string, string>()

const controls: Controls = createControls(surface, () => stage.placeOf(session.game, session.game.player))
const loop = new Loop({
  step: () => session.step(playing ? controls.wish() : NOBODY),
  draw(share) {
    stage.draw(session.game, session.motion, share)
    hud.show(match)
  },
  onPause(paused) {
    part('pause').setAttribute('aria-pressed', String(paused))
    surface.classList.toggle('paused', paused)
    hud.card(paused ? { title: 'Paused', text: HINT, buttons: [['Go on', resume]] } : playing ? undefined : welcome())
  },
})
const scripts = mountScripts(part('scripts'), part('edit'), {
  texts: Object.fromEntries(SCRIPTS.map((name) => [name, (ASSETS[name] as { readonly text?: string }).text ?? ''])),
  runtime: () => session.game.runtime,
})

function welcome(): Parameters<typeof hud.card>[0] {
  return { title: 'Swarm', text: HINT, buttons: [['Play', () => void play()]] }
}

function resume(): void {
  loop.paused = false
  surface.focus({ preventScroll: true })
}

/** Starts a new game with the edited scripts. */
async function begin(): Promise<void> {
  const wasOpen = inspector?.isOpen ?? false
  const edited = Object.fromEntries([...foreign, ...scripts.edited()])
  const seed = Number(parameters.get('seed') ?? Math.floor(Math.random() * 1e6))
  const swarm = Number(parameters.get('swarm') ?? 2400)
  const next = await startSession({
    seed,
    swarm,
    scripts: { ...ASSETS, ...edited } as Record<ScriptName, string>,
    foreign: [...foreign.keys()],
    onSound: (sound) => speaker.play(sound),
  })
  inspector?.dispose()
  const old = session as Session | undefined
  session = next
  match = followMatch(session.game, {
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
  scripts.follow(session.game.runtime)
  old?.game.runtime.dispose()
  inspector = mountInspector(session.game.runtime, { parent: surface, controls: loop, open: wasOpen })
}

async function play(): Promise<void> {
  await begin()
  playing = true
  hud.card(undefined)
  resume()
}

function over(): void {
  playing = false
  const best = keepScore(match.score)
  hud.card({ title: 'The swarm got you', text: `Score ${match.score}, best ${best}.`, buttons: [['Play again', () => void play()]] })
}

/** If the link contains a script, explains that and asks whether to play with it. */
async function offerShared(): Promise<void> {
  const shared = await decodeShare(location.hash)
  if (shared === undefined || !(SCRIPTS as readonly string[]).includes(shared.script)) return
  const choose = async (take: boolean): Promise<void> => {
    if (take) foreign.set(shared.script, shared.text)
    try {
      await play()
      if (take) scripts.open(shared.script, shared.text)
    } catch (error) {
      foreign.clear()
      await play()
      hud.news(error instanceof Error ? error.message : String(error))
    }
  }
  hud.card({
    title: 'Someone else’s script',
    text: `This link brings another ${shared.script}.wat. It was not written by the makers of this page; it can reach nothing but the game, and gets a tenth of the fuel.`,
    buttons: [
      ['Play with it', () => void choose(true)],
      ['Without it', () => void choose(false)],
    ],
  })
}

part('pause').addEventListener('click', () => {
  loop.paused = !loop.paused
})
part('restart').addEventListener('click', () => void play())
part('sound').addEventListener('click', ({ currentTarget }) => {
  speaker.enabled = !speaker.enabled
  ;(currentTarget as HTMLElement).setAttribute('aria-pressed', String(speaker.enabled))
})
surface.addEventListener('keydown', (event) => {
  if (event.target === surface && (event.code === 'KeyP' || event.code === 'Escape')) loop.paused = !loop.paused
})
document.addEventListener('visibilitychange', () => {
  if (document.hidden && playing) loop.paused = true
})

await begin()
loop.start()
hud.card(welcome())
await offerShared()
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
    return session
  },
  get match() {
    return match
  },
  loop,
  draw: (share) => stage.draw(session.game, session.motion, share),
  hashAfter,
}
