package kemu.mm.pgtable;

import kemu.hw.cpu.Cpu;

/**
 * Where the frames of gathers lie, and whether who has one may be preempted, or sleep. Implementations are stateless
 * apart from memory that they have reserved at boot.
 */
public interface GatherFrames {
    /** The frame with which a gather begins, of one page; NULL if there is no memory. Contents are undefined. */
    long first(Cpu cpu);

    /** One more frame for a gather that is full, of one page; NULL if there is none, so that it is flushed. */
    long more(Cpu cpu);

    /** Gives a frame of {@link #more} back. */
    void giveBack(Cpu cpu, long frame);

    /** Gives the frame of {@link #first} back: the gather ends. Context: the task that began it. */
    void end(Cpu cpu, long frame);
}
