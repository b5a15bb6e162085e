/** The code that runs components. A page loads it with its first component. */
export { describeComponent } from './describe-component.ts'
export { openComponent } from './open-component.ts'
