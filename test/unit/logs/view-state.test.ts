import { expect, test } from 'vitest'
import { ViewState } from '../../../engine/logs/view-state.ts'

function view(): ViewState {
  return new ViewState('v', 1, 10)
}

test('fewer lines than were asked for are all there are', () => {
  const state = view()
  state.setLines(0, 9, 9)
  state.report(0, 'following')
  expect(state.current().moreBefore).toBe(false)
})

test('as many as were asked for may not be all', () => {
  const state = view()
  state.setLines(0, 10, 10)
  state.report(0, 'following')
  expect(state.current().moreBefore).toBe(true)
})

test('an engine so slow that its first lines come after a silence hides no older ones', () => {
  const state = view()
  state.report(0, 'following')
  state.setLines(0, 10, 10)
  expect(state.current().moreBefore).toBe(true)
})

test('a log that grew to as many lines while it was watched has nothing older', () => {
  const state = view()
  state.setLines(0, 3, 3)
  state.report(0, 'following')
  state.setLines(0, 500, 3)
  expect(state.current().moreBefore).toBe(false)
  state.report(0, 'reconnecting')
  state.report(0, 'following')
  expect(state.current().moreBefore).toBe(false)
})

test('nothing is said before the first load is over, and nothing older than a first line is offered', () => {
  const state = view()
  state.setLines(0, 10, 10)
  expect(state.current().moreBefore).toBe(false)
  state.join()
  state.setLines(1, 50, 50)
  state.report(1, 'following')
  expect(state.current().moreBefore).toBe(false)
})
