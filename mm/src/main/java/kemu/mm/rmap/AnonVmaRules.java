package kemu.mm.rmap;

import java.util.function.Function;
import kemu.mm.pgtable.MapcountDrop;

/**
 * How anon_vmas live and die and what points to them. How they are looked up is not said here but by
 * {@link AnonVmaLocking}.
 *
 * @param life what pins and frees them
 * @param reuse whether fork hands one out again
 * @param shared which of them a shared page points to
 * @param mapcounts makes what drops mapcounts with the reverse mapping of a kernel; called once, at boot
 */
public record AnonVmaRules(
        AnonVmaLife life, AnonVmaReuse reuse, SharedAnonVma shared, Function<PageRmap, MapcountDrop> mapcounts) {}
