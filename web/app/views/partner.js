import { get, useStore } from '../state/store.js'
import { loadMembers } from '../state/groups.js'
import { useEffect } from '../vendor/hooks.js'

/**
 * The other one of a dm: a dm says who began it, and only its members say who that was begun with.
 *
 * @returns {string | null}
 */
export function usePartner(group) {
  const me = useStore((state) => state.session?.userId)
  const members = useStore((state) => state.members.get(group?.id))
  const isDm = group?.type === 'dm'
  const asked = isDm && group.createdBy === me
  useEffect(() => {
    // Without it there is no dot; the next time it is shown it is asked for again.
    if (asked && !get().members.has(group.id)) loadMembers(group.id).catch(() => undefined)
  }, [asked, group?.id])
  if (!isDm) return null
  if (!asked) return group.createdBy
  return members?.find((each) => each.userId !== me)?.userId ?? null
}
