package kemu.fuzz;

import java.util.SplittableRandom;

/** Inputs of one kind, and what takes them. */
interface Target extends AutoCloseable {
    /** An input, mostly a wrong one; depends on {@code dice} alone. */
    byte[] input(SplittableRandom dice);

    /** What comes of {@code input}. May throw what the code under test throws. */
    Answer take(byte[] input) throws Exception;

    @Override
    default void close() {}
}
