/* Tests that stand in files of their own. */
#ifndef PYRO_UNIT_TEST_H
#define PYRO_UNIT_TEST_H

void users_are_found(void);
void users_are_the_same_as_on_the_host(void);
void users_that_are_not_there_are_unknown(void);
void users_need_no_files(void);
void users_are_bounded(void);
void root_needs_no_readable_files(void);

void new_directories_are_given(void);
void other_directories_are_not_given(void);

void what_is_in_run_is_copied(void);
void what_is_too_much_for_run_is_left_out(void);
void half_a_file_does_not_come_to_run(void);
void what_cannot_be_given_does_not_come_to_run(void);

void stand_ins_are_the_agents_own(void);

void good_archives_are_read(void);
void bad_entries_are_refused(void);
void damaged_archives_are_refused(void);
void written_headers_are_read_again(void);

#endif
