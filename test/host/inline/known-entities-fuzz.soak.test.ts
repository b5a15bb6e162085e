import { soakSize } from '../../fixtures/soak-size.ts'
import { testKnownEntities } from './known-entities-fuzz.ts'

testKnownEntities(soakSize(0.5))
