import { describe, expect, it } from 'vitest'
import { componentOf } from '../../fixtures/component.ts'
import { describeGuest } from '../conformance.ts'
import { testedComponent } from './programs.ts'

describeGuest(testedComponent(componentOf), { describe, expect, it })
