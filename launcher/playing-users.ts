/**
 * The users that play. A Set would leave its old tables behind, whose entries keep users from being collected while
 * they are young: with users that come and go every one of them would wait for a collection of the whole heap.
 */
import type { User } from './user.ts'

export class PlayingUsers {
  readonly #users: User[] = []

  get size(): number {
    return this.#users.length
  }

  add(user: User): void {
    user.place = this.#users.length
    this.#users.push(user)
  }

  /** Its place is the last one's from now on. */
  delete(user: User): void {
    const last = this.#users.pop()!
    if (last === user) return
    this.#users[user.place] = last
    last.place = user.place
  }

  /** Those of now, in no order; they may end meanwhile. */
  all(most: number = Infinity): readonly User[] {
    return this.#users.slice(0, most)
  }
}
