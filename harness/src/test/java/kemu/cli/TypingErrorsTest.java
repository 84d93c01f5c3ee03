package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is nearly right is answered with what was probably meant. */
class TypingErrorsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "chekc rmap-hang-child | 'chekc': no such verb (did you mean 'check'?",
                "benhc | did you mean 'bench'?",
                "run kbuild --durration 5s | no such option (did you mean '--duration'? see kemu run --help)",
                "check rmap-hang-child --modle tso | did you mean '--model'?",
                "trace imprt x | did you mean 'import'?",
                "check rmap-hang-child --model tos | did you mean 'tso'?",
                "check rmap-hang-chidl | did you mean 'rmap-hang-child'?",
                "list strategie | did you mean 'strategies'?",
                "replay one two | 'two': one argument too many (see kemu replay --help)",
                "check @rmap-hang-child | scenario: '@rmap-hang-child'",
                "check rmap-hang-child --executions 9223372036854775808 | is too large",
                "check rmap-hang-child --executions 9223372036854775807 | allowed: 1..",
                "check rmap-hang-child --budget 99999999h | --budget: 99999999h (allowed: at most",
                "check mutants --model tso | --model: not for mutants",
                "check rmap-hang-child --variant x | has --anon-vma",
                "bench plainRead --quick --out x | --out: only of bench check"
            })
    void shouldSayWhatWasProbablyMeant(String command, String answer) {
        PrintStream before = System.err;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
        int code;
        try {
            code = Main.execute(command.split(" "));
        } finally {
            System.setErr(before);
        }
        String text = captured.toString(StandardCharsets.UTF_8);
        assertEquals(2, code, text);
        assertEquals(1, text.lines().count(), text);
        assertTrue(text.contains(answer), text);
    }
}
