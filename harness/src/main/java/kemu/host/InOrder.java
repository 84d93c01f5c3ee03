package kemu.host;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Does independent pieces of work on several threads, and hands over what comes of them in the order of the pieces, on
 * the caller's thread: what is printed and written does not depend on how many threads there are.
 */
public final class InOrder {
    private final String name;
    private final int threads;
    private final long stackBytes;

    /**
     * On daemon threads, so that a piece that does not come back does not keep the process.
     *
     * @param name of the threads
     * @param threads 1 or more
     * @param stackBytes of each, 0 for what the JVM gives
     */
    public InOrder(String name, int threads, long stackBytes) {
        this.name = name;
        this.threads = threads;
        this.stackBytes = stackBytes;
    }

    /**
     * Gives what {@code work} makes of each of {@code items} to {@code take}. Whatever {@code work} throws is thrown
     * here when its turn has come, and pieces that have not begun by then are left out.
     *
     * @param work called on any of the threads, in any order; may return null
     * @param take called in order on the caller's thread
     */
    public <T, R> void each(List<T> items, Function<T, R> work, BiConsumer<T, R> take) throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(Math.min(threads, Math.max(1, items.size())), task -> {
            Thread thread = new Thread(null, task, name, stackBytes);
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<R>> pending = new ArrayList<>();
            items.forEach(item -> pending.add(pool.submit(() -> work.apply(item))));
            for (int i = 0; i < pending.size(); i++) {
                R result = pending.get(i).get();
                // Results may be large, and there may be thousands.
                pending.set(i, null);
                take.accept(items.get(i), result);
            }
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            if (failed.getCause() instanceof Error thrown) {
                throw thrown;
            }
            throw new IllegalStateException(failed.getCause());
        } finally {
            pool.shutdownNow();
        }
    }
}
