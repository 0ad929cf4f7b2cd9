/* What the requests about jobs have in common. */
#ifndef PYRO_JOB_REQUEST_H
#define PYRO_JOB_REQUEST_H

#include "fields.h"
#include "job.h"

enum { JOB_TAG_KIND = 1, JOB_TAG_NAME = 2, JOB_TAG_COLUMNS = 6, JOB_TAG_ROWS = 7 };

bool job_request_kind(const struct fields *request, enum job_kind *kind, struct error *error);

/* The buffer is empty when the name is absent, which it may be only where it is not needed. */
bool job_request_name(const struct fields *request, bool needed, char name[MAX_JOB_NAME + 1], struct error *error);

/* Reads a number that must be there and within its bounds. */
bool job_request_number(const struct fields *request, uint16_t tag, uint32_t least, uint32_t most, uint32_t *value,
                        struct error *error);

/* The size of a terminal. */
bool job_request_size(const struct fields *request, uint16_t *columns, uint16_t *rows, struct error *error);

/* Finds the job that a request names, and holds it. */
bool job_request_job(const struct fields *request, struct job **job, struct error *error);

/* The same for operations that know only jobs of one kind. */
bool job_request_job_of(const struct fields *request, enum job_kind kind, struct job **job, struct error *error);

#endif
