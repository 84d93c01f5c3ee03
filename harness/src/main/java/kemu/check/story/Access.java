package kemu.check.story;

import java.util.List;

/**
 * What one access got and put, taken down when it happened.
 *
 * @param what {@code read}, {@code write}, {@code rmw}, {@code failed cmpxchg}, {@code store becomes visible}, ...
 * @param marked false for plain accesses, which belong to the step before them
 * @param address of the word
 * @param width bytes of the word: 4 or 8
 * @param object the word's name at that moment
 * @param before what a load got, an atomic found, or the word was for this CPU before a store
 * @param after what a load got, or the word is for this CPU after a store
 * @param memory what a load would have got if it had not got an old value
 * @param calls kernel functions on the stack, innermost first
 */
record Access(
        String what,
        boolean marked,
        long address,
        int width,
        String object,
        long before,
        long after,
        long memory,
        List<String> calls) {

    /** True if the word changes, for this CPU at least. */
    boolean writes() {
        return what.equals("write") || what.equals("rmw");
    }

    /** True if a load got a value that the word does not have any more. */
    boolean isOld() {
        return memory != after && !writes();
    }

    /** The 64-bit word around the address. */
    long word() {
        return address & -8L;
    }

    /** The same, called {@code other}. */
    Access as(String other) {
        return new Access(other, marked, address, width, object, before, after, memory, calls);
    }
}
