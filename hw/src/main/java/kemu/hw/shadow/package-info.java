/**
 * Shadow memory: what every eight bytes of emulated memory are good for, told by the allocators and asked at every
 * access of an emulated CPU. State is outside emulated memory and is put back between explored executions.
 *
 * <p>Entry class: {@link kemu.hw.shadow.ShadowMemory}. No locks: one host thread. Source: the idea and the wording of
 * reports are those of Linux mm/kasan.
 */
package kemu.hw.shadow;
