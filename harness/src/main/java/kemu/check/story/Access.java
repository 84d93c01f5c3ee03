package kemu.check.story;

import java.util.List;
import kemu.hw.mem.Symbols;

/**
 * What one access got and put, taken down when it happened.
 *
 * @param act what it is
 * @param marked false for plain accesses, which belong to the step before them
 * @param width bytes of the word: 4 or 8; 0 if there is none
 * @param word the word
 * @param before what a load got, an atomic found, or the word was for this CPU before a store
 * @param after what a load got, or the word is for this CPU after a store
 * @param memory what a load would have got if it had not got an old value
 * @param calls kernel functions on the stack, innermost first
 */
record Access(Act act, boolean marked, int width, Word word, long before, long after, long memory, List<String> calls) {

    /**
     * A word, or nothing.
     *
     * @param address 0 if there is none
     * @param object that it is part of
     * @param name of the word at that moment
     * @param from for a copy, what is copied
     */
    record Word(long address, Symbols.Thing object, String name, String from) {
        static final Word NONE = new Word(0, new Symbols.Thing(0, 0), "", "");
    }

    /** In words. */
    String what() {
        return act == Act.COPIED ? act.word() + " " + word.from : act.word();
    }

    /** Of the word; 0 if there is none. */
    long address() {
        return word.address;
    }

    /** The word's name; empty if there is none. */
    String object() {
        return word.name;
    }

    /** True if the word is part of {@code object}. */
    boolean isIn(Symbols.Thing object) {
        return word.address != 0 && word.object.equals(object);
    }

    /** True if the word changes, for this CPU at least. */
    boolean writes() {
        return act.writes();
    }

    /** True if it gets a pointer, or what can be one. */
    boolean loadsPointer() {
        return act == Act.READ && width == Long.BYTES;
    }

    /** True if a load got a value that the word does not have any more. */
    boolean isOld() {
        return memory != after && !writes();
    }

    /** The same, but it is {@code other}. */
    Access as(Act other) {
        return new Access(other, marked, width, word, before, after, memory, calls);
    }
}
