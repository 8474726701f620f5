// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { TooltipProvider } from 'reka-ui'
import { expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import type { ImageLayer } from '../../../../engine/contract/models.ts'
import { i18n } from '../../../../renderer/i18n/index.ts'
import LayerFacts from '../../../../renderer/screens/Images/detail/LayerFacts.vue'

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`
const layer: ImageLayer = { diffId: digest('a'), instruction: 'COPY app /', sizeBytes: 4_000_000, createdAt: 0 }

function words(blob?: { digest: string; blobBytes: number }): string {
  const facts = () => h(LayerFacts, { layer, index: 0, layers: [layer], totalBytes: 4_000_000, ...(blob && { blob }) })
  const wrapper = mount(defineComponent({ setup: () => () => h(TooltipProvider, null, facts) }), { global: { plugins: [i18n] } })
  const text = wrapper.text()
  wrapper.unmount()
  return text
}

it('a layer tells its compressed size when the export holds it packed, and says when it is not known', () => {
  expect(words({ digest: digest('b'), blobBytes: 1_300_000 })).toMatch(/Compressed\s*1\.3\s?MB\s*bbbbbbbbbbbb/)
  // Stored as a plain tar: nothing is known of what its download took.
  expect(words({ digest: digest('a'), blobBytes: 4_100_000 })).toMatch(/Compressed\s*unknown/)
  expect(words()).toMatch(/Compressed\s*unknown/)
})
