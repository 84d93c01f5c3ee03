package kemu.hw.mem;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Names for emulated addresses, for reports only: regions registered at boot, and resolvers that know dynamic objects
 * (a slab names the object in it). Never consulted on a path that succeeds.
 */
public final class Symbols {
    /**
     * What lies at an address.
     *
     * @param name of it, with offset
     * @param object that it is part of
     */
    public record Symbol(String name, Thing object) {
        /** What is part of the object at {@code begin}, which is the only one to begin there. */
        public Symbol(String name, long begin) {
            this(name, new Thing(begin, 0));
        }
    }

    /**
     * An object.
     *
     * @param begin its address
     * @param type what tells it from others that begin there at other times: its kmem_cache, or 0
     */
    public record Thing(long begin, long type) {}

    /** Finds the object at an address, or returns null if it does not know. Called on failure paths only. */
    @FunctionalInterface
    public interface Resolver {
        /** What lies at {@code address}, or null. */
        Symbol at(long address);
    }

    /** Names what lies in a region, by the struct that the region is called after. Called on failure paths only. */
    @FunctionalInterface
    public interface Members {
        /** What lies {@code offset} bytes into region {@code name}, its object counted from there; or null. */
        Symbol in(String name, long offset);
    }

    private record Region(long start, long end, String name) {}

    private final List<Region> regions = new ArrayList<>();
    private final List<Region> racy = new ArrayList<>();
    private final List<Resolver> resolvers = new ArrayList<>();
    private Members members = (name, offset) -> null;
    /** Runs what reads memory to name it, so that nobody takes that for accesses of kernel code. */
    private Consumer<Runnable> aside = Runnable::run;

    /** Registers {@code [start, start + sizeBytes)} as {@code name}. Boot only. */
    public void region(long start, long sizeBytes, String name) {
        regions.add(new Region(start, start + sizeBytes, name));
    }

    /**
     * Says that the words of {@code [start, start + sizeBytes)} are read while their owner changes them, by design, and
     * that a stale or torn sum of them does no harm (the kernel's data_race()). Boot, or caches that are created later.
     */
    public void racy(long start, long sizeBytes) {
        racy.add(new Region(start, start + sizeBytes, "racy"));
    }

    /** True if {@link #racy} names the word at {@code address}. */
    public boolean isRacy(long address) {
        for (Region region : racy) {
            if (address >= region.start && address < region.end) {
                return true;
            }
        }
        return false;
    }

    /** Adds a resolver; asked before the boot-time regions, in order of registration. Boot only. */
    public void resolver(Resolver resolver) {
        resolvers.add(resolver);
    }

    /** Sets who knows the members of structs. Boot only. */
    public void members(Members known) {
        members = known;
    }

    /** From now on {@code runner} runs the resolvers: they read memory, and no instrument is to be told. Boot only. */
    public void resolveAside(Consumer<Runnable> runner) {
        aside = runner;
    }

    /** A name such as {@code anon_vma 0x2040+0x18} or {@code mem_map+0x40}; the bare address if nothing is known. */
    public String nameOf(long address) {
        return at(address).name;
    }

    /** The same, and the object; the bare address is its own. */
    public Symbol at(long address) {
        if (address >= 0 && address < PhysMem.PAGE_SIZE) {
            return new Symbol("NULL page+0x" + Long.toHexString(address), 0);
        }
        Symbol[] found = new Symbol[1];
        aside.accept(() -> found[0] = resolve(address));
        if (found[0] != null) {
            return found[0];
        }
        for (Region region : regions) {
            if (address >= region.start && address < region.end) {
                return inRegion(region, address);
            }
        }
        return new Symbol("0x" + Long.toHexString(address), address);
    }

    private Symbol resolve(long address) {
        for (Resolver resolver : resolvers) {
            Symbol found = resolver.at(address);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private Symbol inRegion(Region region, long address) {
        long offset = address - region.start;
        Symbol member = members.in(region.name, offset);
        return member == null
                ? new Symbol(region.name + "+0x" + Long.toHexString(offset), region.start)
                : new Symbol(member.name, region.start + member.object.begin);
    }
}
