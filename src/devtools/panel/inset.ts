/** How much of the page the panel covers, in CSS pixels from its edges. */
export interface Inset {
  /** Pixels at the lower edge; 0 while the panel is at another, or closed. */
  readonly bottom: number
  /** Pixels at the right edge. */
  readonly right: number
}
