import { describe, expect, it } from 'vitest'
import { describeGuest } from '../conformance.ts'
import { testedExtism } from './programs.ts'

describeGuest(testedExtism, { describe, expect, it })
