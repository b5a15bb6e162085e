/** What runs components: a page loads it with the first of them. */
export { describeComponent } from './describe-component.ts'
export { openComponent } from './open-component.ts'
