#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What compiler and linker did so that a mistake in the code is harder to use: test_binaries.py PROGRAM...

Read from the programs and not from the flags that they were built with: a flag that is not known is dropped, and
one in the wrong place does nothing."""
import re
import subprocess
import sys
import unittest

PROGRAMS = []


def readelf(program, *options):
    return subprocess.run(['readelf', '-W', *options, program], check=True, capture_output=True, text=True).stdout


class Binaries(unittest.TestCase):
    def each(self):
        for program in PROGRAMS:
            symbols = {line.split()[7].split('@')[0] for line in readelf(program, '--dyn-syms').splitlines()
                       if len(line.split()) > 7}
            if '__asan_init' in symbols:
                self.skipTest('skipped: a sanitizer is in it')
            with self.subTest(program):
                yield program, symbols

    def test_it_lies_at_an_address_that_nobody_knows(self):
        for program, _ in self.each():
            self.assertRegex(readelf(program, '-h'), r'Type:\s+DYN')
            self.assertRegex(readelf(program, '-d'), r'FLAGS_1.*\bPIE\b')

    def test_calls_into_libraries_are_bound_at_the_start_and_then_read_only(self):
        for program, _ in self.each():
            self.assertIn('GNU_RELRO', readelf(program, '-l'))
            self.assertRegex(readelf(program, '-d'), r'\(FLAGS\).*\bBIND_NOW\b|FLAGS_1.*\bNOW\b')

    def test_nothing_can_be_written_and_run(self):
        for program, _ in self.each():
            segments = readelf(program, '-l')
            flags = {line.split()[0]: ''.join(line.split()[6:-1]) for line in segments.splitlines()
                     if re.match(r'\s+(GNU_STACK|GNU_RELRO)\s', line)}
            self.assertEqual(flags['GNU_STACK'], 'RW')
            loads = [''.join(line.split()[6:-1]) for line in segments.splitlines() if re.match(r'\s+LOAD\s', line)]
            self.assertGreaterEqual(len(loads), 3)
            self.assertEqual([flags for flags in loads if 'W' in flags and 'E' in flags], [])
            self.assertNotIn('TEXTREL', readelf(program, '-d'))

    def test_libraries_come_from_where_the_system_has_them(self):
        for program, _ in self.each():
            self.assertNotRegex(readelf(program, '-d'), r'RPATH|RUNPATH')

    def test_overruns_of_the_stack_and_of_buffers_are_found_out(self):
        for program, symbols in self.each():
            self.assertIn('__stack_chk_fail', symbols)
            self.assertTrue({'__snprintf_chk', '__memcpy_chk', '__fprintf_chk'} & symbols, sorted(symbols))

    def test_what_paho_writes_with_is_ours(self):
        """Else what daemon/broker/paho/wire.c tells of would do nothing, and only once in many lost links."""
        for program, symbols in self.each():
            if 'MQTTAsync_sendMessage' in symbols:
                ours = {line.split()[7] for line in readelf(program, '--dyn-syms').splitlines()
                        if len(line.split()) == 8 and line.split()[6] != 'UND'}
                self.assertLessEqual({'writev', 'SSL_write'}, ours)


if __name__ == '__main__':
    PROGRAMS = sys.argv[1:]
    unittest.main(argv=sys.argv[:1], verbosity=2)
