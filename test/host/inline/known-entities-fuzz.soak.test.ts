import { testKnownEntities } from './known-entities-fuzz.ts'

testKnownEntities(1)
