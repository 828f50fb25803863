# The tables of the datasets, one for each use case. The flows create them: Apache Iceberg's metadata is in the data bucket.
resource "aws_glue_catalog_database" "this" {
  name        = var.database
  description = "Datasets of ${var.name}: an Iceberg table for each use case"
  tags        = var.tags
}
