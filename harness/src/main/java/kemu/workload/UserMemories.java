package kemu.workload;

import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;

/** Those {@link UserMemory}s that no process has now. Any thread. */
final class UserMemories {
    /** Above what builds have processes at once; more are left to the garbage collector. */
    private static final int KEPT = 1024;

    private final ManyToManyConcurrentArrayQueue<UserMemory> unused = new ManyToManyConcurrentArrayQueue<>(KEPT);

    /** An empty one for one user. */
    UserMemory take() {
        UserMemory memory = unused.poll();
        return (memory == null ? new UserMemory(this) : memory).share();
    }

    void give(UserMemory memory) {
        unused.offer(memory);
    }
}
