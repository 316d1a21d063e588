"""The incubator of one structure: programmes, applications, cohorts, projects."""
