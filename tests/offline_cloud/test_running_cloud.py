import boto3

import offline_cloud


def test_a_client_without_any_setting_talks_to_the_offline_cloud(cloud: offline_cloud.Cloud) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="shared-cloud-test")
    s3.put_object(Bucket="shared-cloud-test", Key="a", Body=b"1")
    assert s3.get_object(Bucket="shared-cloud-test", Key="a")["Body"].read() == b"1"
