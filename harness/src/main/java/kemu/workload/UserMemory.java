package kemu.workload;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * What recorded processes know of one address space. A vfork child shares it with its parent, which waits meanwhile;
 * when the last that has it gives it back, the next address space is told by it.
 */
final class UserMemory {
    private final UserMemories memories;
    private final UserMap map = new UserMap();
    private final StampTable stamps = new StampTable();
    private final AtomicInteger users = new AtomicInteger();

    UserMemory(UserMemories memories) {
        this.memories = memories;
    }

    /** Which ranges are files. */
    UserMap map() {
        return map;
    }

    /** What is in the pages. */
    StampTable stamps() {
        return stamps;
    }

    /** This, for one user more. */
    UserMemory share() {
        users.incrementAndGet();
        return this;
    }

    /** A copy for a child, of the same memories. */
    UserMemory forked() {
        UserMemory child = memories.take();
        child.map.become(map);
        child.stamps.become(stamps);
        return child;
    }

    /** One user needs it no more: it has another address space, or none. */
    void release() {
        if (users.decrementAndGet() == 0) {
            map.clear();
            stamps.clear();
            memories.give(this);
        }
    }
}
