package kemu.kernel.lockdep;

import java.util.Arrays;
import kemu.hw.shadow.CallStack;

/** Every lock that is held, in the order of taking; each by an owner, a task or a CPU. */
final class HeldLocks {
    private static final int ROOM = 32;

    long[] locks = new long[ROOM];
    long[] owners = new long[ROOM];
    int[] nodes = new int[ROOM];
    int[] modes = new int[ROOM];
    int[] contexts = new int[ROOM];
    CallStack[] takenAt = new CallStack[ROOM];
    int count;

    void clear() {
        count = 0;
    }

    void add(long owner, long lock, int node, int mode, int context, CallStack at) {
        if (count == locks.length) {
            int room = 2 * count;
            locks = Arrays.copyOf(locks, room);
            owners = Arrays.copyOf(owners, room);
            nodes = Arrays.copyOf(nodes, room);
            modes = Arrays.copyOf(modes, room);
            contexts = Arrays.copyOf(contexts, room);
            takenAt = Arrays.copyOf(takenAt, room);
        }
        locks[count] = lock;
        owners[count] = owner;
        nodes[count] = node;
        modes[count] = mode;
        contexts[count] = context;
        takenAt[count] = at;
        count++;
    }

    /** Drops the latest hold of {@code lock} by {@code owner}, if there is one. */
    void remove(long owner, long lock) {
        for (int i = count - 1; i >= 0; i--) {
            if (locks[i] == lock && owners[i] == owner) {
                int rest = --count - i;
                System.arraycopy(locks, i + 1, locks, i, rest);
                System.arraycopy(owners, i + 1, owners, i, rest);
                System.arraycopy(nodes, i + 1, nodes, i, rest);
                System.arraycopy(modes, i + 1, modes, i, rest);
                System.arraycopy(contexts, i + 1, contexts, i, rest);
                System.arraycopy(takenAt, i + 1, takenAt, i, rest);
                return;
            }
        }
    }
}
