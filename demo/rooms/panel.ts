import type { Connection } from './connection.ts'

/** Milliseconds between two refreshes of the numbers. */
const REFRESH = 250

/** Shows the numbers and the news of a connection beside the arena. Returns the function that refreshes the numbers. */
export function showRoom(connection: Connection): (now: number) => void {
  const news = document.getElementById('news') as HTMLElement
  const say = (text: string): void => {
    news.textContent = text
  }
  connection.on('reload', ({ script, generation }) => say(`${script} runs its code number ${generation}.`))
  connection.on('moved', ({ tick }) => say(`The room moved to another process, at tick ${tick}.`))
  connection.on('version', ({ message }) => say(message))
  connection.on('left', ({ reason }) => say(`The connection ended: ${reason}. Load the page again.`))
  followNetwork()
  void followProcesses(say)
  let due = 0
  return (now) => {
    if (now < due) return
    due = now + REFRESH
    const { frames, corrected, lead, missed } = connection.stats
    showNumbers({
      Entities: [...connection.ids].length,
      Score: connection.value(connection.own, 'Ship.score') ?? 0,
      'Ticks ahead': lead,
      'Frames corrected': `${corrected} of ${frames}`,
      'Inputs too late': missed,
      State: connection.state,
    })
  }
}

function showNumbers(numbers: Readonly<Record<string, number | string>>): void {
  const list = document.getElementById('numbers') as HTMLElement
  if (list.childElementCount === 0) {
    for (const name of Object.keys(numbers)) list.append(element('dt', name), element('dd', ''))
  }
  for (const [index, value] of Object.values(numbers).entries()) (list.children[2 * index + 1] as HTMLElement).textContent = String(value)
}

/** Makes the network as slow and as bad as the sliders say, for all pages. */
function followNetwork(): void {
  const form = document.getElementById('network') as HTMLFormElement
  const show = (): void => {
    for (const input of form.querySelectorAll('input')) {
      const output = input.parentElement?.querySelector('output')
      if (output) output.value = `${input.value} ${input.name === 'loss' ? '%' : 'ms'}`
    }
  }
  form.addEventListener('input', () => {
    show()
    void fetch('/network', { method: 'POST', body: new URLSearchParams(new FormData(form) as unknown as Record<string, string>) })
  })
  show()
}

/** Shows the processes of a cluster, with a button that ends each. */
async function followProcesses(say: (text: string) => void): Promise<void> {
  const parent = document.getElementById('processes') as HTMLElement
  for (const name of (await (await fetch('/processes')).json()) as readonly string[]) {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const button = parent.appendChild(element('button', `${signal === 'SIGTERM' ? 'Stop' : 'Kill'} ${name}`))
      button.addEventListener('click', async () => {
        say(await (await fetch('/end', { method: 'POST', body: new URLSearchParams({ name, signal }) })).text())
      })
    }
  }
}

function element<Tag extends 'dt' | 'dd' | 'button'>(tag: Tag, text: string): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  made.textContent = text
  return made
}
