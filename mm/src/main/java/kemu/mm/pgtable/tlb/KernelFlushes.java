package kemu.mm.pgtable.tlb;

import kemu.mm.pgtable.FlushPoints;

/** Flushes as the kernel has them. */
final class KernelFlushes implements FlushPoints {}
