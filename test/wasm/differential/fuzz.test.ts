import { testKeptModules } from './fuzz-modules.ts'

testKeptModules(40)
