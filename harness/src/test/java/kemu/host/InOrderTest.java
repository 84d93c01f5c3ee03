package kemu.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InOrderTest {
    @Test
    void shouldHandOverInOrderOnTheCallersThreadWhateverEndsFirst() throws InterruptedException {
        CountDownLatch second = new CountDownLatch(1);
        Set<Thread> workers = ConcurrentHashMap.newKeySet();
        List<String> taken = new ArrayList<>();
        new InOrder("test", 2, 0)
                .each(
                        List.of(1, 2),
                        item -> {
                            workers.add(Thread.currentThread());
                            if (item == 2) {
                                second.countDown();
                            } else {
                                awaitUnchecked(second);
                            }
                            return item * 10;
                        },
                        (item, result) ->
                                taken.add(item + ":" + result + ":" + workers.contains(Thread.currentThread())));
        assertEquals(List.of("1:10:false", "2:20:false"), taken);
        assertEquals(2, workers.size());
        assertTrue(workers.stream().allMatch(Thread::isDaemon));
    }

    @Test
    void shouldThrowWhatTheWorkThrowsWhenItsTurnHasCome() {
        StackOverflowError deep = new StackOverflowError();
        List<Integer> taken = new ArrayList<>();
        StackOverflowError thrown = assertThrows(
                StackOverflowError.class,
                () -> new InOrder("test", 3, 0)
                        .each(
                                IntStream.range(0, 6).boxed().toList(),
                                item -> {
                                    if (item == 3) {
                                        throw deep;
                                    }
                                    return item;
                                },
                                (item, result) -> taken.add(result)));
        assertSame(deep, thrown);
        assertEquals(List.of(0, 1, 2), taken);
    }

    @Test
    void shouldTakeNothingAndNulls() throws InterruptedException {
        List<Object> taken = new ArrayList<>();
        InOrder one = new InOrder("test", 1, 0);
        one.each(List.of(), item -> item, (item, result) -> taken.add(item));
        one.each(List.of("a"), item -> null, (item, result) -> taken.add(String.valueOf(result)));
        assertEquals(List.of("null"), taken);
    }

    private static void awaitUnchecked(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
