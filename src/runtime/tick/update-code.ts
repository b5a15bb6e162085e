export { speedUpQueries } from '../../ecs/queries/fast-sets.ts'
export { updateGroups } from './update-groups.ts'
