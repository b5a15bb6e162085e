import { connect, createServer, type Server, type Socket } from 'node:net'

/** How slow and how bad a network is. */
export interface NetworkQuality {
  /** Milliseconds there and back. */
  latency: number
  /** The share of packets that are lost, 0 to 1. */
  loss: number
}

/** The milliseconds after which TCP sends a lost packet again, at least. */
const RETRANSMISSION = 200

/**
 * Forwards connections to a port of this machine, slower: what is sent arrives after half of the latency, and a lost packet holds back
 * all that is sent after it until it is sent again, as TCP does. `quality` may change while it runs, and `target` is asked for each connection.
 */
export function openSlowNetwork(target: () => number, quality: NetworkQuality): Server {
  return createServer((from) => {
    const to = connect(target(), '127.0.0.1')
    forward(from, to, quality)
    forward(to, from, quality)
  })
}

function forward(from: Socket, to: Socket, quality: NetworkQuality): void {
  const packets: { readonly bytes: Buffer | undefined; readonly arrival: number }[] = []
  const send = (bytes: Buffer | undefined): void => {
    const isLost = Math.random() < quality.loss
    const arrival = performance.now() + quality.latency / 2 + (isLost ? RETRANSMISSION + quality.latency : 0)
    // What was sent first arrives first.
    packets.push({ bytes, arrival: Math.max(arrival, packets.at(-1)?.arrival ?? 0) })
    if (packets.length === 1) wait()
  }
  const wait = (): void => {
    const [next] = packets
    if (next !== undefined) setTimeout(deliver, Math.ceil(next.arrival - performance.now()))
  }
  const deliver = (): void => {
    // A busy machine wakes it late: what has arrived by then is delivered at once.
    for (let [next] = packets; next !== undefined && next.arrival <= performance.now(); [next] = packets) {
      packets.shift()
      if (next.bytes === undefined) to.end()
      else to.write(next.bytes)
    }
    wait()
  }
  from.on('data', send)
  from.on('end', () => send(undefined))
  from.on('error', () => to.destroy())
}
