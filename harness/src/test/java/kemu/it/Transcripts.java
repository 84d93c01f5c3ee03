package kemu.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a document says that kemu prints: in a fenced block a line {@code $ ./kemu ...}, and below it the last lines of
 * its standard output. Times are no part of what is said.
 */
final class Transcripts {
    private static final String FENCE = "```";
    private static final String PROMPT = "$ ./kemu ";
    private static final String TIME = "elapsed_s=[0-9.]+";

    private final Path document;
    private final List<String> lines;

    /**
     * One command.
     *
     * @param section the heading above it
     * @param command what is typed after {@code ./kemu}
     * @param at the first line of the document that it printed
     * @param printed the last lines that it printed
     */
    record Transcript(String section, String command, int at, List<String> printed) {
        /** The exit code that the verdict of the last line stands for. */
        int code() {
            String last = printed.get(printed.size() - 1);
            return last.contains(" verdict=PASS ") ? 0 : last.contains(" verdict=FAIL ") ? 1 : 3;
        }

        /** The last lines of {@code out}, as many as the document shows. */
        List<String> lastOf(String out) {
            List<String> all = out.lines().toList();
            return all.subList(Math.max(0, all.size() - printed.size()), all.size());
        }
    }

    /** Reads {@code document}. */
    Transcripts(Path document) throws IOException {
        this.document = document;
        lines = new ArrayList<>(Files.readAllLines(document));
    }

    /** The text without times. */
    static List<String> timeless(List<String> printed) {
        return printed.stream().map(line -> line.replaceAll(TIME, "elapsed_s=")).toList();
    }

    /** All of them, from top to bottom. */
    List<Transcript> all() {
        List<Transcript> all = new ArrayList<>();
        String section = "";
        boolean fenced = false;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith(FENCE)) {
                fenced = !fenced;
            } else if (!fenced && line.startsWith("#")) {
                section = line.replaceFirst("#+ ", "");
            } else if (fenced && line.startsWith(PROMPT)) {
                int end = i + 1;
                while (!lines.get(end).startsWith(FENCE) && !lines.get(end).startsWith(PROMPT)) {
                    end++;
                }
                all.add(new Transcript(
                        section, line.substring(PROMPT.length()), i + 1, List.copyOf(lines.subList(i + 1, end))));
            }
        }
        return all;
    }

    /** Puts {@code now} in the place of what {@code transcript} shows, and writes the document. */
    void rewrite(Transcript transcript, List<String> now) throws IOException {
        for (int i = 0; i < now.size(); i++) {
            lines.set(transcript.at() + i, now.get(i));
        }
        Files.write(document, lines);
    }
}
