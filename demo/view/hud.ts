/** What the display shows of a game. */
export interface Shown {
  readonly score: number
  readonly wave: number
  readonly kills: number
  readonly health: number
  readonly lives: number
  /** Whether the autopilot flies while somebody plays. */
  readonly isIdle: boolean
  /** Seconds of power left. */
  readonly power: number
  /** Whether the player can dash. */
  readonly canDash: boolean
}

/** The display over the game. */
export interface Hud {
  show(state: Shown): void
  /** Shows a line in the middle for two seconds. */
  news(text: string): void
  /** Shows a red edge for a moment. */
  hurt(): void
  /** Shows a card over the game; `undefined` hides it. */
  card(card: Card | undefined): void
  /** Keeps clear of the pixels at the edges that something covers. */
  setInset(inset: { readonly bottom: number; readonly right: number }): void
}

/** A card over the game. */
export interface Card {
  readonly title: string
  readonly text: string
  /** The labels of its buttons, and what they do. */
  readonly buttons: readonly (readonly [label: string, act: () => void])[]
}

const FULL_HEALTH = 3
const FULL_LIVES = 3
const NEWS_SECONDS = 2

/** Creates the display from the elements of the page. */
export function createHud(game: HTMLElement): Hud {
  const part = (id: string): HTMLElement => document.getElementById(id) as HTMLElement
  const [score, wave, kills, health, lives, gear, pilot, news, card, title, text] = [
    'score',
    'wave',
    'kills',
    'health',
    'lives',
    'gear',
    'pilot',
    'news',
    'card',
    'card-title',
    'card-text',
  ].map(part) as [
    ...[HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement],
    ...[HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement],
  ]
  let timer: ReturnType<typeof setTimeout> | undefined
  const write = (element: HTMLElement, value: string): void => {
    if (element.textContent !== value) element.textContent = value
  }
  return {
    show(state) {
      write(score, String(state.score))
      write(wave, String(state.wave))
      write(kills, String(state.kills))
      const full = Math.max(0, Math.min(FULL_HEALTH, state.health))
      write(health, '♥'.repeat(full) + '♡'.repeat(FULL_HEALTH - full))
      health.setAttribute('aria-label', `Health ${full} of ${FULL_HEALTH}`)
      write(lives, '▲'.repeat(state.lives) + '△'.repeat(Math.max(0, FULL_LIVES - state.lives)))
      lives.setAttribute('aria-label', `${state.lives} ${state.lives === 1 ? 'life' : 'lives'} left`)
      write(gear, [state.canDash ? 'dash' : '', state.power > 0 ? `power ${Math.ceil(state.power)}` : ''].filter(Boolean).join(' · '))
      pilot.hidden = !state.isIdle
    },
    news(line) {
      news.textContent = line
      clearTimeout(timer)
      timer = setTimeout(() => {
        news.textContent = ''
      }, NEWS_SECONDS * 1000)
    },
    hurt() {
      game.classList.remove('hurt')
      // The animation restarts only if the browser lays out the page without the class.
      void game.offsetWidth
      game.classList.add('hurt')
    },
    card(shown) {
      card.hidden = shown === undefined
      if (shown === undefined) return
      title.textContent = shown.title
      text.textContent = shown.text
      for (const button of card.querySelectorAll('button')) button.remove()
      for (const [label, act] of shown.buttons) {
        const button = document.createElement('button')
        button.type = 'button'
        button.className = 'big'
        button.textContent = label
        button.addEventListener('click', act)
        card.append(button)
      }
      const focused = document.activeElement
      // The focus stays in the editor or in a tool.
      if (focused === null || focused === document.body || focused === game) card.querySelector('button')?.focus({ preventScroll: true })
    },
    setInset({ bottom, right }) {
      game.style.setProperty('--covered-bottom', `${bottom}px`)
      game.style.setProperty('--covered-right', `${right}px`)
    },
  }
}
