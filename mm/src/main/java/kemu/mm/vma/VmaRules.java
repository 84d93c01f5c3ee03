package kemu.mm.vma;

/**
 * How VMAs change under rmap walks.
 *
 * @param copies which neighbour a moved mapping becomes part of
 * @param adjusts what vma_adjust locks
 * @param moves what mremap does for walks that must find every pte
 */
public record VmaRules(CopiedMerge copies, AdjustLock adjusts, MoveOrder moves) {}
