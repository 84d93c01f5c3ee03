package kemu.check;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import kemu.hw.cache.CacheEvent;
import kemu.hw.cache.LineDirectory;
import kemu.hw.machine.EmuMachine;

/**
 * What the accesses of all executions so far have cost the caches of a machine, each execution with empty ones at its
 * beginning: counts of every CPU, and the fields for which lines moved between CPUs.
 *
 * @param cpus of every CPU the count of each {@link CacheEvent}
 * @param hottest the fields that moved most, most first
 */
public record CacheCounts(List<long[]> cpus, List<Field> hottest) {
    private static final int SHOWN = 10;

    /**
     * A word, and how often an access to it had to fetch or claim its line from another CPU.
     *
     * @param name of the word, with its object and field where they are known
     * @param bounces how often
     */
    public record Field(String name, int bounces) {}

    /** What {@code directory} has counted on {@code machine}. */
    static CacheCounts of(EmuMachine machine, LineDirectory directory) {
        List<long[]> cpus = new ArrayList<>();
        for (int cpu = 0; cpu < machine.cpus(); cpu++) {
            long[] counts = new long[CacheEvent.values().length];
            for (CacheEvent event : CacheEvent.values()) {
                counts[event.ordinal()] = directory.cache(cpu).count(event);
            }
            cpus.add(counts);
        }
        List<Field> hottest = directory.hottest(SHOWN).stream()
                .map(word -> new Field(machine.memory().symbols().nameOf(word.address()), word.bounces()))
                .toList();
        return new CacheCounts(cpus, hottest);
    }

    /** How often {@code event} happened, on all CPUs. */
    public long total(CacheEvent event) {
        return cpus.stream().mapToLong(counts -> counts[event.ordinal()]).sum();
    }

    private static String word(CacheEvent event) {
        return event.name().toLowerCase(Locale.ROOT);
    }

    /** Prints both tables. */
    public void print(PrintStream out) {
        StringBuilder head = new StringBuilder(String.format("%-8s", "cache"));
        for (CacheEvent event : CacheEvent.values()) {
            head.append(String.format(" %12s", word(event)));
        }
        out.println(head);
        for (int cpu = 0; cpu < cpus.size(); cpu++) {
            StringBuilder line = new StringBuilder(String.format("%-8s", "CPU#" + cpu));
            for (long count : cpus.get(cpu)) {
                line.append(String.format(" %12d", count));
            }
            out.println(line);
        }
        out.println("lines moved between CPUs for:");
        hottest.forEach(field -> out.printf("%12d  %s%n", field.bounces(), field.name()));
    }

    /** As keys of a SUMMARY line, each with a blank before it. */
    public String summary() {
        StringBuilder keys = new StringBuilder();
        for (CacheEvent event : CacheEvent.values()) {
            keys.append(" cache_").append(word(event)).append('=').append(total(event));
        }
        return keys.toString();
    }

    /** Writes the field {@code caches} into the object begun. */
    public void writeJson(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("caches");
        json.writeArrayFieldStart("cpus");
        for (long[] counts : cpus) {
            json.writeStartObject();
            for (CacheEvent event : CacheEvent.values()) {
                json.writeNumberField(word(event), counts[event.ordinal()]);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("hottest");
        for (Field field : hottest) {
            json.writeStartObject();
            json.writeStringField("name", field.name());
            json.writeNumberField("bounces", field.bounces());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
