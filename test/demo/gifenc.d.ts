/** What we use of a library without types. */
declare module 'gifenc' {
  interface FrameOptions {
    readonly palette?: number[][]
    /** Milliseconds. */
    readonly delay?: number
    readonly transparent?: boolean
    readonly transparentIndex?: number
    readonly dispose?: number
  }
  interface Encoder {
    writeFrame(pixels: Uint8Array, width: number, height: number, options?: FrameOptions): void
    finish(): void
    bytes(): Uint8Array
  }
  const gifenc: {
    GIFEncoder(): Encoder
    quantize(rgba: Uint8Array, colours: number): number[][]
    applyPalette(rgba: Uint8Array, palette: number[][]): Uint8Array
  }
  // biome-ignore lint/style/noDefaultExport: in Node the module is one of CommonJS
  export default gifenc
}
